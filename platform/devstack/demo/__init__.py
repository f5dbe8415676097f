"""The two demo shops: one lives through 69,659 real orders, the other stands beside it."""
