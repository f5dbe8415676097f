"""Products, carts, shop orders and their payments. Never moves points: flows join it to the ledger."""
