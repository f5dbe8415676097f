"""Reading segments: who is in them is worked out when somebody asks, from the rows of now."""

import uuid
from collections.abc import Sequence

import msgspec

from kernel.db import Ask, ask, connection
from points.conditions import Condition, ConditionInvalid, parse
from points.members.models import Member
from points.segments.errors import SegmentNotFound
from points.segments.facts import Around, columns_of, joined, list_facts, schema, source_of
from points.segments.models import RfmScale, Segment

_texts = msgspec.json.Decoder(list[str])
_codes = msgspec.json.Decoder(dict[uuid.UUID, list[str]])


class Preview(msgspec.Struct, frozen=True):
    """How many members a condition holds for, of how many in all, and the first of them."""

    count: int
    total: int
    members: list[Member]


def get_segment(*, code: str) -> Segment:
    """Raises SegmentNotFound."""
    found = Segment.objects.filter(code=code).first()
    if found is None:
        raise SegmentNotFound()
    return found


def list_segments(*, limit: int, after: str | None = None) -> list[Segment]:
    """Segments in the order of their codes, at most `limit`, from `after` on."""
    rows = Segment.objects.order_by("code")
    return list((rows.filter(code__gt=after) if after is not None else rows)[:limit])


def find_segments(*, codes: Sequence[str]) -> dict[str, Segment]:
    """The segments of these codes that there are."""
    return {row.code: row for row in Segment.objects.filter(code__in=codes)}


def condition_of(segment: Segment) -> Condition | None:
    """Its condition; None when it speaks of a field there is no longer, and so holds for nobody."""
    try:
        return parse(tree=segment.condition, schema=schema())
    except ConditionInvalid:
        return None


def count(*, segment: Segment, around: Around) -> int:
    """How many members are in it now: one query."""
    return count_all(segments=[segment], around=around)[segment.code]


def count_all(*, segments: Sequence[Segment], around: Around) -> dict[str, int]:
    """Code → how many members are in it now; one pass over the members for any number."""
    conditions = {row.code: condition_of(row) for row in segments}
    counted = _count([one for one in conditions.values() if one is not None], around)[1:]
    left = iter(counted)
    return {code: next(left) if one is not None else 0 for code, one in conditions.items()}


def list_members(
    *, segment: Segment, around: Around, limit: int, after: uuid.UUID | None = None
) -> list[Member]:
    """Members in it now, in the order in which they were added, from `after` on: one query."""
    condition = condition_of(segment)
    return [] if condition is None else _members(condition, around, limit, after)


def preview(*, condition: Condition, around: Around, limit: int) -> Preview:
    """What a condition would give, without saving it: two queries."""
    total, found = _count([condition], around)
    return Preview(found, total, _members(condition, around, limit) if found else [])


def membership(*, segment: Segment, around: Around) -> tuple[str, list[object]]:
    """SQL condition on `members_member m`, and its values, for lists that filter by a segment."""
    condition = condition_of(segment)
    if condition is None:
        return "false", []
    ids, values = _ids(condition, around)
    return f"m.id in (select id from ({ids}) as of_segment)", values


def ask_segments_of(
    *, members: Sequence[uuid.UUID], segments: Sequence[Segment], around: Around
) -> Ask[dict[uuid.UUID, frozenset[str]]]:
    """Member → codes of those of these segments it is in now, to be asked with other things.

    Every member that exists has an entry. One pass over the members named, for any number of
    segments; a member's own orders are read only when a condition speaks of a time window.
    """
    conditions = {row.code: condition_of(row) for row in segments}
    known = {code: one for code, one in conditions.items() if one is not None}
    source = source_of(list(known.values()), _about(around, members))
    cases = ", ".join(f"case when {sql} then %s end" for sql, _ in source.tests) or "null"
    params = [
        value
        for (_, values), code in zip(source.tests, known, strict=True)
        for value in (*values, code)
    ]
    call = (
        "(select coalesce(jsonb_object_agg(id, codes), '{}') from (select m.id,"
        f" to_jsonb(array_remove(array[{cases}]::text[], null)) as codes"
        f" from members_member m {source.joins} where m.id = any(%s::uuid[])) as of_members)::text"
    )
    return Ask(call, [*params, *source.join_params, list(members)], _read_codes)


def segments_of(
    *, member: uuid.UUID, segments: Sequence[Segment], around: Around
) -> frozenset[str]:
    """Codes of those of these segments the member is in now: one query."""
    asked = ask_segments_of(members=[member], segments=segments, around=around)
    return ask(asked)[0].get(member, frozenset())


def facts_of(
    *, members: Sequence[uuid.UUID], names: Sequence[str], around: Around
) -> dict[uuid.UUID, dict[str, object]]:
    """Member → field name → fact, ready for `conditions.judge`: one query for any number."""
    wanted = set(names)
    facts = [fact for fact in list_facts() if fact.field.name in wanted]
    columns = columns_of(facts, around)
    joins, join_params = joined(facts, _about(around, members))
    select = ", ".join(["m.id", *(column.sql for column in columns)])
    params = [value for column in columns for value in column.params]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {select} from members_member m {joins} where m.id = any(%s)",
            [*params, *join_params, list(members)],
        )
        rows = cursor.fetchall()
    readers = [(f.field.name, _texts.decode if f.field.kind == "texts" else None) for f in facts]
    return {
        member: {
            name: read(value) if read and value is not None else value
            for (name, read), value in zip(readers, values, strict=True)
        }
        for member, *values in rows
    }


def has_scale() -> bool:
    """Whether members have RFM scores."""
    return RfmScale.objects.exists()


def _about(around: Around, members: Sequence[uuid.UUID]) -> Around:
    return msgspec.structs.replace(around, only=members)


def _read_codes(text: str) -> dict[uuid.UUID, frozenset[str]]:
    return {member: frozenset(codes) for member, codes in _codes.decode(text).items()}


def _count(conditions: Sequence[Condition], around: Around) -> list[int]:
    """All members, then those each condition holds for."""
    source = source_of(conditions, around)
    counts = "".join(f", count(*) filter (where {sql})" for sql, _ in source.tests)
    params = [value for _, values in source.tests for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*){counts} from members_member m {source.joins}"
            " where m.merged_into_id is null",
            [*params, *source.join_params],
        )
        return list(cursor.fetchone())


def _ids(condition: Condition, around: Around) -> tuple[str, list[object]]:
    source = source_of([condition], around)
    ((test, params),) = source.tests
    return (
        f"select m.id from members_member m {source.joins}"
        f" where m.merged_into_id is null and ({test})",
        [*source.join_params, *params],
    )


def _members(
    condition: Condition, around: Around, limit: int, after: uuid.UUID | None = None
) -> list[Member]:
    ids, values = _ids(condition, around)
    goes_on = " and m.id > %s" if after is not None else ""
    values = [*values, *([after] if after is not None else []), limit]
    sql = f"select * from members_member where id in ({ids}{goes_on} order by m.id limit %s)"
    return list(Member.objects.raw(f"{sql} order by id", values))
