"""Orders and refunds of any channel, as they were told to us. Knows nothing of points' value.

Writing an order moves no points; `points.flows` does both in one transaction.
"""
