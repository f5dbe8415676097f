"""Reading tiers: who stands where, what is missing and by when."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from kernel.db import Ask, ask, connection
from points.program.queries import ActiveProgram
from points.tiers.calculations import Benefits, progress_rate
from points.tiers.errors import TierNotFound
from points.tiers.models import MemberTier, Tier, TierCouponRun, TierMove

# A shop's ladder, lowest first; a handful of rows.
Ladder = Sequence[Tier]


class Standing(msgspec.Struct, array_like=True, frozen=True):
    """Where a member stands, as far as earning and lists are concerned. Level 1 is the lowest."""

    code: str
    level: int
    earn_multiplier: Decimal
    name_zh: str
    name_en: str
    color: str

    def name(self, language: str) -> str:
        """The tier's name in a language, or in the other one, or its code."""
        both = (self.name_zh, self.name_en)
        first, second = both if language.startswith("zh") else both[::-1]
        return first or second or self.code


_standings = msgspec.json.Decoder(list[tuple[uuid.UUID, Standing]])


def ask_standing(*, member_ids: Sequence[uuid.UUID]) -> Ask[dict[uuid.UUID, Standing]]:
    """Standings by member, to be asked together with other things; who is on no tier is left out.

    As of the last review: a period that ended since is reviewed by the job, within a minute.
    """
    return Ask("tiers_standing(%s::uuid[])", [list(member_ids)], _read_standings)


def _read_standings(text: str) -> dict[uuid.UUID, Standing]:
    return dict(_standings.decode(text))


def get_standings(*, member_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """`ask_standing`, asked: one query for any number."""
    return ask(ask_standing(member_ids=member_ids))[0]


def list_tiers() -> list[Tier]:
    """The ladder, lowest first."""
    return list(Tier.objects.order_by("threshold"))


def get_tier(*, code: str, lock: bool = False) -> Tier:
    """Raises TierNotFound."""
    tiers = Tier.objects.select_for_update() if lock else Tier.objects.all()
    found = tiers.filter(code=code).first()
    if found is None:
        raise TierNotFound(code=code[:60])
    return found


def on_tier(*, code: str) -> tuple[str, list[Any]]:
    """SQL with its values that is true of a member `m` on this tier, as of the last review; members
    without a row are where everybody begins. Two queries. Raises TierNotFound."""
    return stands_on(tier=get_tier(code=code), ladder=list_tiers())


def stands_on(*, tier: Tier, ladder: Ladder) -> tuple[str, list[Any]]:
    """`on_tier` of a tier of the ladder, without a query."""
    test = "select 1 from tiers_membertier mt where mt.member_id = m.id and mt.tier_id"
    if tier == first_of(ladder=ladder):
        return f"not exists ({test} <> %s)", [tier.pk]
    return f"exists ({test} = %s)", [tier.pk]


def level_of(*, tier: Tier | None, ladder: Ladder) -> int:
    """1 for the lowest; 0 for no tier."""
    return sum(tier.threshold >= one.threshold for one in ladder) if tier else 0


def first_of(*, ladder: Ladder) -> Tier | None:
    """The tier on which everybody begins: the one with threshold 0."""
    return ladder[0] if ladder and ladder[0].threshold == 0 else None


def benefits_of(*, tier: Tier | None) -> Benefits:
    """What a tier gives; none gives nothing, and so does what an older version knew."""
    document = tier.benefits if tier else {}
    known = {name: document[name] for name in Benefits.__struct_fields__ if name in document}
    return msgspec.convert(known, Benefits)


def get_benefits(
    *, member_ids: Sequence[uuid.UUID], program: ActiveProgram
) -> dict[uuid.UUID, Benefits]:
    """What their tiers give members, as of the last review: two queries for any number, none while
    tiers are off. Who is on no tier is left out."""
    if not program.settings.tiers.is_on:
        return {}
    by_code = {tier.code: benefits_of(tier=tier) for tier in list_tiers()}
    standings = get_standings(member_ids=member_ids)
    return {member: by_code[one.code] for member, one in standings.items() if one.code in by_code}


def coupon_code_of(*, tier: Tier) -> str:
    """The template of a tier's monthly coupon, or nothing."""
    return benefits_of(tier=tier).monthly_coupon


def coupon_runs(*, month: date) -> dict[int, TierCouponRun]:
    """What became of the coupons of a month (its first day), by tier. One query."""
    rows = TierCouponRun.objects.filter(day__year=month.year, day__month=month.month)
    return {row.tier_id: row for row in rows}


def rule_of(*, program: ActiveProgram) -> dict[str, Any]:
    """What the stored functions need to know of the programme."""
    rule = program.settings.tiers
    return {
        "qualify_by": rule.qualify_by, "window": rule.window, "grace_days": rule.grace_days,
        "downgrade": rule.downgrade, "timezone": program.calendar.timezone,
        "day_start_hour": program.calendar.day_start_hour,
    }  # fmt: skip


class Progress(msgspec.Struct, frozen=True):
    """A member's place and the way on. Values are growth, minor units or orders.

    `value` counts in the running window that began at `counts_from` (None: for ever). For the next
    tier `missing` more is needed; without anything new, what there is counts fully until
    `counts_until`. To keep the tier, `keep_missing` more is needed by `keeps_until`, or by
    `grace_ends_at` in the grace.
    """

    tier: Tier | None
    level: int
    earned_tier: Tier | None
    since: datetime | None
    by: str
    window: str
    value: int
    counts_from: datetime | None
    counts_until: datetime | None
    next_tier: Tier | None
    missing: int
    rate: Decimal
    keeps_until: datetime | None
    keep_missing: int
    grace_ends_at: datetime | None
    manual_until: datetime | None
    reason: str


class _Values(msgspec.Struct, array_like=True):
    value: int
    counts_from: datetime | None
    counts_until: datetime | None
    towards_keeping: int


def get_progress(
    *, member_id: uuid.UUID, program: ActiveProgram, ladder: Ladder, at: datetime
) -> Progress:
    """Two queries: the row, the values. Call `actions.reassess` before if it may be due."""
    by_id = {tier.pk: tier for tier in ladder}
    row = MemberTier.objects.filter(pk=member_id).first() or MemberTier(member_id=member_id)
    found = _values(row, program, at)
    begin = first_of(ladder=ladder)
    tier = by_id.get(row.tier_id or 0, begin)
    earned = by_id.get(row.earned_tier_id or 0, begin)
    above = [one for one in ladder if one.threshold > (tier.threshold if tier else 0)]
    goal = above[0] if above else None
    rule = program.settings.tiers
    return Progress(
        tier=tier, level=level_of(tier=tier, ladder=ladder), earned_tier=earned, since=row.since,
        by=rule.qualify_by, window=rule.window, value=found.value,
        counts_from=found.counts_from, counts_until=found.counts_until, next_tier=goal,
        missing=max(0, goal.threshold - found.value) if goal else 0,
        rate=progress_rate(found.value, tier.threshold if tier else 0, goal.threshold)
        if goal
        else Decimal(1),
        keeps_until=row.keeps_until,
        keep_missing=max(0, earned.threshold - found.towards_keeping)
        if earned and row.keeps_until
        else 0,
        grace_ends_at=row.grace_ends_at, manual_until=row.manual_until, reason=row.reason,
    )  # fmt: skip


def _values(row: MemberTier, program: ActiveProgram, at: datetime) -> _Values:
    rule = msgspec.json.encode(rule_of(program=program)).decode()
    values = [row.member_id, rule, at, row.keeps_until, row.grace_ends_at]
    call = "tiers_value(%s, %s, %s, %s, %s)"
    return ask(Ask(call, values, msgspec.json.Decoder(_Values).decode))[0]


# Moves are never changed, so they keep the name they were written under.
_MOVES_OF = (
    "tiers_tiermove.member_id = any(array(select m.id from members_member m"
    " where m.merged_into_id = %s) || %s::uuid)"
)


def list_moves(*, member_id: uuid.UUID, limit: int, before: int | None = None) -> list[TierMove]:
    """A member's history, newest first, with the tiers loaded; that of members who were merged into
    this one included."""
    moves = TierMove.objects.extra(where=[_MOVES_OF], params=[member_id, member_id])
    moves = moves.select_related("from_tier", "to_tier")
    if before is not None:
        moves = moves.filter(pk__lt=before)
    return list(moves.order_by("-id")[:limit])


def count_members(*, ladder: Ladder) -> dict[int, int]:
    """Members on each tier by its id; those without a row are on the first. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("select tier_id, count(*) from tiers_membertier group by tier_id")
        rows = dict(cursor.fetchall())
        cursor.execute("select count(*) from members_member where merged_into_id is null")
        everybody = int(cursor.fetchone()[0])
    placed = {tier.pk: int(rows.get(tier.pk, 0)) for tier in ladder}
    begin = first_of(ladder=ladder)
    if begin is not None:
        placed[begin.pk] = everybody - sum(n for key, n in placed.items() if key != begin.pk)
    return placed
