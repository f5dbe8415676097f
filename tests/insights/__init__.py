"""Figures over the ledger."""
