"""Figures over the ledger: dashboards and reports. Reads only, and never decides anything."""
