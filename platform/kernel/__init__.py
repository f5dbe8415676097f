"""What every part of the house stands on: errors, clock, ids, money, API shapes, outbox.

Imports nothing of ours. Its two tables (idempotency records and outbox events) live in each
merchant's schema.
"""
