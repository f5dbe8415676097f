"""Benchmarks: the product over HTTP on a stack of its own, each figure beside its limit.

The limit of a figure is what PostgreSQL alone does on the same tables in the same run, so that a
ratio means the same on a fast machine and on a slow one. `docs/benchmarks.md` says what is measured.
"""
