"""Red packets and withdrawals: what moves the cash wallet. Never writes a balance itself: the ledger does."""
