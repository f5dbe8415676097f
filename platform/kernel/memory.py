"""Documents a process remembers between requests, and believes only while they are the latest.

A stored function is asked with the revision that is remembered: it answers null when that is still
the one in force, and the document with its new revision otherwise. Revisions are drawn by chance,
so that one that was rolled back can never be met again.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kernel.db import Ask, connection

A = TypeVar("A")
KEPT = 500


class Memory(Generic[A]):
    """The latest document per merchant. `read` turns an answer into (revision, document)."""

    def __init__(self, function: str, read: Callable[[Any], tuple[str, A]]) -> None:
        self._function, self._read = function, read
        self._kept: dict[str, tuple[str, A]] = {}

    def ask(self) -> Ask[A]:
        """The document of now, to be asked together with other things."""
        schema = connection.schema_name
        kept = self._kept.get(schema)

        def read(answer: Any) -> A:
            if answer is None and kept is not None:
                return kept[1]
            found = self._read(answer)
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[schema] = found
            return found[1]

        return Ask(f"{self._function}(%s)", [kept[0] if kept else None], read)
