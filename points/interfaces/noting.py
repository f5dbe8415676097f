"""How the handlers that several surfaces share leave a note of what was done."""

from typing import Any, Protocol


class Audit(Protocol):
    """An endpoint's own note-taker: it knows who calls, and from which surface."""

    def __call__(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Note an action, with what differs."""
