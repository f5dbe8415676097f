"""What the ids in paths and bodies stand for, alike on every surface."""

import uuid

from kernel.errors import DomainError
from kernel.ids import parse_id
from points.members.errors import MemberNotFound
from points.members.models import Member
from points.members.queries import get_member


def require_id(text: str, refusal: type[DomainError]) -> uuid.UUID:
    """The id that was written; one that is none is nobody's. Raises `refusal`."""
    parsed = parse_id(text)
    if parsed is None:
        raise refusal()
    return parsed


def find_member(member_id: str) -> Member:
    """A member by the id in a path, or the one he was merged into. Raises MemberNotFound."""
    return get_member(member_id=require_id(member_id, MemberNotFound))
