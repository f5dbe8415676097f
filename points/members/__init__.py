"""A merchant's customers: who they are and how they sign in. Never what they own (`ledger`)."""
