"""Business moments that cross apps, each spelled out in order: one module per moment.

Where a point is earned: `order_received`, `order_completed`. Where it is taken back:
`order_refunded`. Each flow is one transaction in one merchant's schema.
"""
