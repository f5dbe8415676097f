"""Tiers: what members have earned of growth, money spent or orders puts them on a level.

Owns the tiers, each member's place among them and the history of its moves. It reads the ledger
and the orders and writes neither: growth is granted and taken back by `points.flows.growth`.
"""
