"""How the ledger's front door calls its stored functions: one jsonb in, one jsonb out."""

from datetime import datetime
from typing import Any

import msgspec

from kernel.db import connection
from points.ledger.errors import KeyConflict
from points.members.errors import refusing_merged


def call(function: str, body: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Call one function with what it is to do. Raises KeyConflict, MemberMerged."""
    with refusing_merged(), connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", [to_json(body), at])
        answer = answer_of(cursor)
    if answer.get("is_same") is False:
        raise KeyConflict()
    return answer


def answer_of(cursor: Any) -> dict[str, Any]:
    """What a function answered, whether the driver has decoded it or not."""
    value = cursor.fetchone()[0]
    result: dict[str, Any] = msgspec.json.decode(value) if isinstance(value, str) else value
    return result


def to_json(body: dict[str, Any]) -> str:
    """The argument of a function."""
    return msgspec.json.encode(body).decode()
