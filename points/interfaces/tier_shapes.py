"""Bodies and answers of tiers, alike on every surface, and how they are filled."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

import msgspec
from django.utils.translation import get_language
from msgspec import UNSET, Meta, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Moment, check_moments
from points.interfaces.tier_wording import explain_move
from points.program.queries import ActiveProgram
from points.tiers import queries
from points.tiers.calculations import Benefits, Bonus
from points.tiers.models import Tier, TierMove
from points.tiers.queries import Ladder, Progress, Standing

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)")]
TierName = Annotated[str, Meta(max_length=40)]
Colour = Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?$(?!\n)", max_length=7)]
Threshold = Annotated[
    int,
    Meta(ge=0, le=LARGEST_AMOUNT, description="Growth, minor units of money or orders"),
]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
QualifyBy = Literal["growth", "spend", "orders"]
Window = Literal["rolling_12_months", "calendar_year", "all_time"]


class BenefitsIn(Body):
    """Only what is named changes."""

    earn_multiplier: Decimal | UnsetType = UNSET
    birthday_points: Bonus | UnsetType = UNSET
    checkin_bonus_points: Bonus | UnsetType = UNSET
    member_price_rate: Decimal | UnsetType = UNSET
    free_shipping: bool | UnsetType = UNSET


class TierIn(Body, kw_only=True):
    """`name` is for shops with one language; the others win over it."""

    code: Code
    threshold: Threshold
    name: TierName = ""
    name_zh: TierName = ""
    name_en: TierName = ""
    color: Colour = ""
    benefits: BenefitsIn = msgspec.field(default_factory=BenefitsIn)


class TierChange(Body, kw_only=True):
    threshold: Threshold | UnsetType = UNSET
    name: TierName | UnsetType = UNSET
    name_zh: TierName | UnsetType = UNSET
    name_en: TierName | UnsetType = UNSET
    color: Colour | UnsetType = UNSET
    benefits: BenefitsIn | UnsetType = UNSET


class ManualTierIn(Body, kw_only=True):
    tier: Code
    until: Moment
    reason: Reason

    def __post_init__(self) -> None:
        check_moments(self.until)
        _not_blank(self.reason)


class TierReleaseIn(Body, kw_only=True):
    reason: Reason

    def __post_init__(self) -> None:
        _not_blank(self.reason)


class TierOut(msgspec.Struct, kw_only=True):
    code: str
    level: Annotated[int, Meta(description="1 is the lowest; levels follow the thresholds")]
    name: str
    name_zh: str
    name_en: str
    threshold: int
    color: str
    benefits: Benefits


class CountedTierOut(TierOut, kw_only=True):
    members_count: int


class TierItems(msgspec.Struct, kw_only=True):
    items: list[CountedTierOut]


class TierRef(msgspec.Struct, kw_only=True):
    """The tier a member is on, with its name in the reader's language."""

    code: str
    name: str
    level: int
    color: str


class TierMoveOut(msgspec.Struct, kw_only=True):
    id: str
    kind: TierMove.Kind
    from_tier: str | None
    to_tier: str | None
    explanation: str
    occurred_at: datetime
    recorded_at: datetime
    why: dict[str, Any]


class MemberTierOut(msgspec.Struct, kw_only=True):
    """Where a member stands, and the way on. Values are growth, minor units or orders."""

    member_id: uuid.UUID
    tier: TierOut | None
    earned_tier: str | None
    since: datetime | None
    qualify_by: QualifyBy
    window: Window
    value: int
    counts_from: datetime | None
    counts_until: datetime | None
    next_tier: TierOut | None
    missing: int
    progress_rate: Decimal
    keeps_until: datetime | None
    keep_missing: int
    grace_ends_at: datetime | None
    manual_until: datetime | None
    reason: str | None
    history: list[TierMoveOut]


def fields_of(body: TierIn | TierChange) -> dict[str, Any]:
    """What was sent, as the actions of tiers take it."""
    fields: dict[str, Any] = msgspec.to_builtins(body)
    name = fields.pop("name", "")
    for field in ("name_zh", "name_en"):
        if name and not fields.get(field):
            fields[field] = name
    return fields


def tier(row: Tier, ladder: Ladder) -> TierOut:
    """A tier of the ladder."""
    return TierOut(
        code=row.code, level=queries.level_of(tier=row, ladder=ladder),
        name=row.name(get_language() or "en"), name_zh=row.name_zh, name_en=row.name_en,
        threshold=row.threshold, color=row.color, benefits=queries.benefits_of(tier=row),
    )  # fmt: skip


def tier_ref(standing: Standing) -> TierRef:
    """A tier beside a member's name."""
    return TierRef(
        code=standing.code, name=standing.name(get_language() or "en"), level=standing.level,
        color=standing.color,
    )  # fmt: skip


def tiers(ladder: Ladder) -> TierItems:
    """All tiers, lowest first, with their members. Two queries."""
    counts = queries.count_members(ladder=ladder)
    return TierItems(items=[counted_tier(row, ladder, counts.get(row.pk, 0)) for row in ladder])


def counted_tier(row: Tier, ladder: Ladder, members: int) -> CountedTierOut:
    """A tier with how many are on it."""
    return CountedTierOut(**msgspec.structs.asdict(tier(row, ladder)), members_count=members)


def snapshot(row: Tier) -> dict[str, Any]:
    """A tier as a note of the audit trail has it."""
    names = ("name_zh", "name_en", "threshold", "color", "benefits")
    return {name: getattr(row, name) for name in names}


def member_tier(
    member_id: uuid.UUID,
    found: Progress,
    moves: Sequence[TierMove],
    ladder: Ladder,
    program: ActiveProgram,
    *,
    is_for_staff: bool,
) -> MemberTierOut:
    """A member's place. What staff noted when they set a tier by hand is for staff."""
    return MemberTierOut(
        member_id=member_id,
        tier=tier(found.tier, ladder) if found.tier else None,
        earned_tier=found.earned_tier.code if found.earned_tier else None,
        since=_utc(found.since),
        qualify_by=cast(QualifyBy, found.by), window=cast(Window, found.window),
        value=found.value, counts_from=_utc(found.counts_from),
        counts_until=_utc(found.counts_until),
        next_tier=tier(found.next_tier, ladder) if found.next_tier else None,
        missing=found.missing, progress_rate=found.rate, keeps_until=_utc(found.keeps_until),
        keep_missing=found.keep_missing, grace_ends_at=_utc(found.grace_ends_at),
        manual_until=_utc(found.manual_until),
        reason=(found.reason or None) if is_for_staff else None,
        history=[_move(move, ladder, program, is_for_staff) for move in moves],
    )  # fmt: skip


def _move(row: TierMove, ladder: Ladder, program: ActiveProgram, is_for_staff: bool) -> TierMoveOut:
    begin = queries.first_of(ladder=ladder)
    before, after = row.from_tier or begin, row.to_tier or begin
    why = row.why if is_for_staff else {k: v for k, v in row.why.items() if k != "reason"}
    return TierMoveOut(
        id=str(row.pk), kind=TierMove.Kind(row.kind),
        from_tier=before.code if before else None, to_tier=after.code if after else None,
        explanation=explain_move(
            row, before, after, program, language=get_language() or "en", is_for_staff=is_for_staff
        ),
        occurred_at=row.occurred_at, recorded_at=row.recorded_at, why=why,
    )  # fmt: skip


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _not_blank(text: str) -> None:
    if not text.strip():
        raise ValueError("reason may not be blank")
