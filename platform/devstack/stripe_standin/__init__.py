"""A stand-in for Stripe on this machine: payments and Connect, by Stripe's own shapes.

Owns one development process that answers the HTTP API of one pinned version, shows the hosted pages
(checkout, onboarding) and delivers signed webhooks. Never imports the product or stripe-python, never
reaches beyond the loopback address, never used in production. docs/how-to/use-the-stripe-stand-in.md.
"""
