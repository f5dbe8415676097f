"""What the business can refuse, in one shape that every surface understands."""

from typing import ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal that the caller could have expected. Never used for bugs.

    `code` is stable for ever (`<app>.<snake_case>`); `message` is a lazy translation that may
    name facts as `%(fact)s`; `facts` are the numbers behind the refusal, JSON-ready.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    message: ClassVar[str | Promise]

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        return str(self.message) % self.facts
