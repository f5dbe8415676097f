"""Partner endpoints, a module per noun."""
