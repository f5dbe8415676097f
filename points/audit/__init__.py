"""The merchant's audit log: who of the staff, or which API key, changed or did what, and when.

It owns one table, to which rows are only ever added, and never decides what is noted: surfaces do
(`flows.audited`). It holds no personal data of members.
"""
