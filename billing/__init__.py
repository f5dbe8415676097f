"""Plans, subscriptions and invoices of merchants. Public schema. Never meets `points`."""
