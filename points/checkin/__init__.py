"""Check-in: a member comes by once a day and is given something for it; days in a row give more.

Owns the days on which members checked in. It gives and takes points through `points.ledger` only.
"""
