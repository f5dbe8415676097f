"""What the Makefile calls: preparing the environment, the checks, the demo.

`bootstrap` and what it imports need nothing but Python's standard library.
"""
