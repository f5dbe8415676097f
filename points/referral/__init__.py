"""Who brought whom, who may earn commission on it, and how much that is (rules.md §11).

Owns the attribution of a new member to the one who invited it, distributors and the tree they form,
and what of each order is commission. Never moves points or cash: `points.flows` does, through
`points.ledger`. Never rewards a head: without a completed order there is nothing to reward.
"""
