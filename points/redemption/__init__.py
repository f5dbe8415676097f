"""The points mall: items, stock, limits, redemptions. Takes points through `points.ledger` only."""
