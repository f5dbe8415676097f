"""Pictures of a merchant, re-encoded and kept in its schema. Never knows what they show."""
