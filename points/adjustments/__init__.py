"""Corrections of balances by hand: who asked for them, who approved them, and how much a person may.

It owns every adjustment, executed or waiting, and what each member of the staff moved on a day. It
never moves a point itself: `flows.points_adjusted` does, with the ledger.
"""
