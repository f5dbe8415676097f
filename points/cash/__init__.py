"""Cash of members: points exchanged for it, red packets, withdrawals and how they are paid out.

Owns what was exchanged under caps, split red packets with their shares, withdrawals, and the
merchant's account at a payout provider. Never a balance: cash is a unit of `points.ledger`, which
alone says how much a member has. Never talks to a provider inside of a transaction.
"""
