"""The console, `/console/` and `/api/console/v1/`: a merchant's staff, by session."""
