"""The console: a merchant's staff, by session and membership."""
