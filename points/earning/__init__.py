"""How many points something earns, and why. Decides; `points.ledger` posts."""
