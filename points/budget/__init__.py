"""Budgets (rules.md §12): how much a funding source or a rule may give away in a period.

Owns pots, their periods and what is left of them; takes from a pot exactly, however many ask at
once. Never grants a point and never asks who wants it.
"""
