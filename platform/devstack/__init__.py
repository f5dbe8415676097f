"""The development stack: PostgreSQL, Valkey, web, worker and beat on one laptop.

Owns how these are started, watched and stopped, and what is written to the run folder
(`.run/`). Everything but the management commands can be imported without Django being
set up. Never imported by the product itself, and never used in production.
"""
