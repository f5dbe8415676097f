"""How other systems reach a merchant: API keys with scopes."""
