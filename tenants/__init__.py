"""Merchants: who they are, which host leads to whom, how a schema is made and kept up to date.

Public schema. Knows nothing of what merchants do inside their schema (that is `points`).
"""
