"""Whole stories with exact numbers, told from outside: HTTP alone, in shops whose clock is moved."""
