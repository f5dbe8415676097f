"""Who takes money on the web: Stripe, on the merchant's own account.

Speaks to the provider and says what it answered. Never writes our tables, never moves points.
"""
