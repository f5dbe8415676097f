"""Bodies and answers of tiers, alike on every surface, and how they are filled."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

import msgspec
from django.utils.translation import get_language
from msgspec import UNSET, Meta, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Moment, check_moments
from points.coupons.models import CouponTemplate
from points.coupons.queries import find_templates
from points.interfaces.tier_wording import explain_move
from points.program.queries import ActiveProgram
from points.tiers import queries
from points.tiers.calculations import Benefits, Bonus, CouponCode
from points.tiers.models import Tier, TierCouponRun, TierMove
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
MissedReason = Literal["inactive", "over", "exhausted", "limit", "conflict"]
# Templates by their codes.
Templates = Mapping[str, CouponTemplate]
Window = Literal["rolling_12_months", "calendar_year", "all_time"]


class BenefitsIn(Body):
    """Only what is named changes."""

    earn_multiplier: Decimal | UnsetType = UNSET
    birthday_points: Bonus | UnsetType = UNSET
    checkin_bonus_points: Bonus | UnsetType = UNSET
    member_price_rate: Decimal | UnsetType = UNSET
    free_shipping: bool | UnsetType = UNSET
    monthly_coupon: CouponCode | UnsetType = UNSET


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


class TierCouponOut(msgspec.Struct, kw_only=True):
    """The coupon a tier gives every month, with its name in the reader's language."""

    code: str
    name: str
    is_active: Annotated[bool, Meta(description="Whether any are being given out")]


class TierCouponMonthOut(msgspec.Struct, kw_only=True):
    """What became of a tier's coupons this month."""

    month: Annotated[str, Meta(description="`2026-11`, of the shop's own calendar")]
    issued_count: int
    missed_count: Annotated[
        int, Meta(description="Members who could not have one when they were last looked at")
    ]
    missed_reason: Annotated[MissedReason | None, Meta(description="Of the latest of them")]


class TierOut(msgspec.Struct, kw_only=True):
    code: str
    level: Annotated[int, Meta(description="1 is the lowest; levels follow the thresholds")]
    name: str
    name_zh: str
    name_en: str
    threshold: int
    color: str
    benefits: Benefits
    monthly_coupon: TierCouponOut | None


class CountedTierOut(TierOut, kw_only=True):
    members_count: int
    coupons_this_month: TierCouponMonthOut | None


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


def templates_of(ladder: Ladder) -> Templates:
    """The templates of the ladder's monthly coupons. One query; none if no tier gives any."""
    return find_templates(codes={queries.coupon_code_of(tier=row) for row in ladder} - {""})


def tier(row: Tier, ladder: Ladder, templates: Templates) -> TierOut:
    """A tier of the ladder."""
    template = templates.get(queries.coupon_code_of(tier=row))
    return TierOut(
        code=row.code, level=queries.level_of(tier=row, ladder=ladder),
        name=row.name(get_language() or "en"), name_zh=row.name_zh, name_en=row.name_en,
        threshold=row.threshold, color=row.color, benefits=queries.benefits_of(tier=row),
        monthly_coupon=_coupon(template) if template else None,
    )  # fmt: skip


def tier_ref(standing: Standing) -> TierRef:
    """A tier beside a member's name."""
    return TierRef(
        code=standing.code, name=standing.name(get_language() or "en"), level=standing.level,
        color=standing.color,
    )  # fmt: skip


def _coupon(row: CouponTemplate) -> TierCouponOut:
    return TierCouponOut(
        code=row.code, name=row.name(get_language() or "en"),
        is_active=row.status == CouponTemplate.Status.ACTIVE,
    )  # fmt: skip


def tiers(ladder: Ladder, month: date) -> TierItems:
    """All tiers, lowest first, with their members, and what became of the coupons of a month (its
    first day). Two queries, two more if a tier gives coupons."""
    counts, templates = queries.count_members(ladder=ladder), templates_of(ladder)
    runs = queries.coupon_runs(month=month) if templates else {}
    return TierItems(
        items=[
            CountedTierOut(
                **msgspec.structs.asdict(tier(row, ladder, templates)),
                members_count=counts.get(row.pk, 0),
                coupons_this_month=_coupon_month(row, runs.get(row.pk)),
            )
            for row in ladder
        ]
    )


def _coupon_month(row: Tier, run: TierCouponRun | None) -> TierCouponMonthOut | None:
    if run is None or not queries.coupon_code_of(tier=row):
        return None
    return TierCouponMonthOut(
        month=f"{run.day:%Y-%m}", issued_count=run.issued_count, missed_count=run.missed_count,
        missed_reason=cast(MissedReason, run.missed_reason) if run.missed_count else None,
    )  # fmt: skip


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
    templates = templates_of([row for row in (found.tier, found.next_tier) if row])
    return MemberTierOut(
        member_id=member_id,
        tier=tier(found.tier, ladder, templates) if found.tier else None,
        earned_tier=found.earned_tier.code if found.earned_tier else None,
        since=_utc(found.since),
        qualify_by=cast(QualifyBy, found.by), window=cast(Window, found.window),
        value=found.value, counts_from=_utc(found.counts_from),
        counts_until=_utc(found.counts_until),
        next_tier=tier(found.next_tier, ladder, templates) if found.next_tier else None,
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
