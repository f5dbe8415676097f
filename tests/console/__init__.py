"""The console: staff of a merchant, by session."""
