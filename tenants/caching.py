"""Cache keys carry the merchant, for every alias (`KEY_FUNCTION`)."""

from kernel.db import connection


def make_key(key: str, key_prefix: str, version: int) -> str:
    """`<schema>:<prefix>:<version>:<key>`: the same key of two merchants never meets."""
    return f"{connection.schema_name}:{key_prefix}:{version}:{key}"


def reverse_key(key: str) -> str:
    """The caller's key inside a stored one."""
    return key.split(":", 3)[3]
