"""The programme's settings: how points are earned, how long they live, what they are worth.

One row per merchant. The bottom of `points`, beside `members`, because every app reads it (ADR 0005).
"""
