"""The book of points: wallets, transactions, postings, lots, holds, funding sources.

A point is earned in `actions.grant`, spent in `actions.spend` and nowhere else: no other app writes
these tables, and the database lets nobody change or delete a transaction, posting or consumption.
The hot operations are stored functions (`sql/`), one round trip each. Never decides *whether* a
member deserves points: that is `points.earning`.
"""
