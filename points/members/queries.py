"""Reading members."""

import uuid
from collections.abc import Iterable

import msgspec

from kernel.db import Ask, ask, connection, find_row
from points.members.errors import MemberNotFound
from points.members.models import Member

_ids = msgspec.json.Decoder(dict[str, uuid.UUID])


def get_member(*, member_id: uuid.UUID) -> Member:
    """Raises MemberNotFound."""
    found = find_row(Member, "id = %s", [member_id])
    if found is None:
        raise MemberNotFound()
    return found


def get_by_external_id(*, external_id: str) -> Member:
    """Raises MemberNotFound."""
    found = find_row(Member, "external_id = %s", [external_id])
    if found is None:
        raise MemberNotFound()
    return found


def find_liveliest_member() -> Member | None:
    """The member with the most orders, for demonstrations; None in an empty shop."""
    return Member.objects.order_by("-orders_count", "external_id").first()


def find_ids(*, external_ids: Iterable[str], ids: Iterable[uuid.UUID] = ()) -> dict[str, uuid.UUID]:
    """External id → id of the members among these; one round trip for any number."""
    return ask(ask_ids(external_ids=external_ids, ids=ids))[0]


def ask_ids(
    *, external_ids: Iterable[str], ids: Iterable[uuid.UUID] = ()
) -> Ask[dict[str, uuid.UUID]]:
    """The same, to be asked together with other things."""
    values = [list(external_ids), list(ids)]
    return Ask("members_find(%s::text[], %s::uuid[])", values, _ids.decode)


def ask_exists(*, member_id: uuid.UUID) -> Ask[bool]:
    """Whether there is such a member, to be asked together with other things."""
    return Ask("members_exists(%s)", [member_id], bool)


def list_members(
    *,
    limit: int,
    after: uuid.UUID | None = None,
    external_id: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    tag: str | None = None,
) -> list[Member]:
    """Members in the order in which they were added, at most `limit`, from `after` on."""
    rows = Member.objects.order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if external_id is not None:
        rows = rows.filter(external_id=external_id)
    if phone is not None:
        rows = rows.filter(phone=phone)
    if email is not None:
        rows = rows.filter(email=email.lower())
    if tag is not None:
        rows = rows.filter(tags__contains=[tag])
    return list(rows[:limit])


def list_tags(*, limit: int) -> list[str]:
    """The tags members bear, in the order of their letters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct tag from members_member, jsonb_array_elements_text(tags) as tag"
            " where tags <> '[]' order by tag limit %s",
            [limit],
        )
        return [tag for (tag,) in cursor.fetchall()]
