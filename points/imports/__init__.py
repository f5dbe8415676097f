"""Members and opening balances brought over from another system: rows, findings, what was signed off.

It owns the rows until they are written, and the sums for good. It never adds a member or moves a
point itself: `flows.import_checked` looks, `flows.import_written` writes, both as jobs.
"""
