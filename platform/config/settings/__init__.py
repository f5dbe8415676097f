"""One module per kind of run: dev (laptop and demo), test, prod. Each starts from base."""
