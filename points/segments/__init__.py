"""Segments: groups of members described by a condition, asked of the database anew each time.

Owns the segments' definitions and the scale by which members are scored (RFM). It stores nobody's
membership and moves nothing.
"""
