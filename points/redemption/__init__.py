"""The points mall: items with variants and pools of gift codes, stock, limits, audiences, redemptions.

Takes points and cash through `points.ledger` only. Coupons and red packets are issued by the flow
`redeemed`; this app never knows of them.
"""
