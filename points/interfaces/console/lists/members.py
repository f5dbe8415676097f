"""The list of members."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Moment
from points.interfaces.console import rendering
from points.interfaces.console.lists.searching import CursorInt, CursorText, member_condition
from points.interfaces.console.schemas.members import MemberQuery, MemberRow
from points.interfaces.tier_shapes import TierRef, tier_ref
from points.ledger.queries import Balance, get_balances
from points.members.models import Member
from points.program.queries import get_program
from points.segments.facts import Around
from points.segments.queries import get_segment, membership
from points.tiers.queries import get_standings, on_tier


@dataclass(frozen=True, slots=True)
class _Sort:
    """Columns to sort by (the id last), all in one direction, and the shape of their cursor."""

    columns: tuple[str, ...]
    is_descending: bool
    cursor: Any

    @property
    def order(self) -> str:
        direction = " desc" if self.is_descending else ""
        return ", ".join(f"{column}{direction}" for column in self.columns)

    @property
    def after(self) -> str:
        places = ", ".join(["%s"] * len(self.columns))
        return f"({', '.join(self.columns)}) {'<' if self.is_descending else '>'} ({places})"


_SORTS = {
    "-joined_at": _Sort(("m.joined_at", "m.id"), True, tuple[Moment, uuid.UUID]),
    "-available": _Sort(("coalesce(w.available, 0)", "m.id"), True, tuple[CursorInt, uuid.UUID]),
    "-lifetime_earned": _Sort(
        ("coalesce(w.lifetime_earned, 0)", "m.id"), True, tuple[CursorInt, uuid.UUID]
    ),
    # Members without a name come after all others.
    "name": _Sort(("m.name = ''", "m.name", "m.id"), False, tuple[bool, CursorText, uuid.UUID]),
}
_WALLET = " left join ledger_wallet w on w.member_id = m.id and w.unit = 'points'"


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Members, the cursor of the next page, and how many match."""

    members: list[Member]
    next: str | None
    total: int


def list_members(*, query: MemberQuery, sees_contacts: bool, at: datetime) -> MemberPage:
    """A page of members. Three queries: keys, count, members; with a segment or a tier two more each.
    Raises SegmentNotFound, TierNotFound.

    Sorted by what the wallets hold booked; the balances of `member_rows` are right to the second.
    """
    sort = _SORTS[query.sort]
    where, values = _filter(query, sees_contacts=sees_contacts, at=at)
    after = decode_cursor(query.cursor, sort.cursor)
    with connection.cursor() as cursor:
        cursor.execute(*_page_sql(sort, where, values, after, query.limit + 1))
        keys, following = cut(cursor.fetchall(), query.limit, lambda row: row)
        cursor.execute(f"select count(*) from members_member m where {where}", values)
        total = cursor.fetchone()[0]
    ids = [key[-1] for key in keys]
    found = Member.objects.in_bulk(ids)
    return MemberPage([found[one] for one in ids if one in found], following, total)


def member_rows(members: Sequence[Member], *, sees_contacts: bool, at: datetime) -> list[MemberRow]:
    """Members as rows of a list. Two queries: balances (two more when something became due in
    their wallets), standings."""
    ids, none = [row.pk for row in members], Balance()
    balances, tiers = get_balances(members=ids, at=at), name_tiers(members=ids)
    return [
        rendering.member_row(
            row, balances.get(row.pk, none), tier=tiers.get(row.pk), sees_contacts=sees_contacts
        )
        for row in members
    ]


def name_tiers(*, members: Sequence[uuid.UUID]) -> dict[uuid.UUID, TierRef]:
    """Members' tiers in the reader's language. One query."""
    standings = get_standings(member_ids=members)
    return {member: tier_ref(standing) for member, standing in standings.items()}


def _filter(query: MemberQuery, *, sees_contacts: bool, at: datetime) -> tuple[str, list[Any]]:
    """What is searched for, the segment and the tier. Raises SegmentNotFound, TierNotFound."""
    tests: list[tuple[str, list[Any]]] = [("m.merged_into_id is null", [])]
    if query.q.strip():
        searched, texts = member_condition(query.q, sees_contacts=sees_contacts)
        tests.append((searched, [*texts]))
    if query.segment is not None:
        around = Around(at, get_program().calendar)
        tests.append(membership(segment=get_segment(code=query.segment), around=around))
    if query.tier is not None:
        tests.append(on_tier(code=query.tier))
    where = " and ".join(f"({sql})" for sql, _ in tests)
    return where, [value for _, values in tests for value in values]


def _page_sql(
    sort: _Sort, where: str, values: list[Any], after: tuple[Any, ...] | None, limit: int
) -> tuple[str, list[Any]]:
    """The sort keys of a page; only sorts by points read the wallets."""
    joined = _WALLET if "w." in sort.order else ""
    goes_on = f" and {sort.after}" if after else ""
    return (
        f"select {', '.join(sort.columns)} from members_member m{joined}"
        f" where {where}{goes_on} order by {sort.order} limit %s",
        [*values, *(after or ()), limit],
    )
