"""Who takes the money of an order: Stripe on the merchant's own account, or the shop's counter.

Speaks to the provider and says what it answered. Never writes our tables, never moves points.
"""
