"""Bodies and answers of coupons, alike on every surface, and how they are filled."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import get_language
from msgspec import UNSET, Meta, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Moment, Page, Slugish, check_moments
from points.coupons.calculations import (
    Combined,
    CouponLine,
    CouponTerms,
    Discount,
    Refusal,
)
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.queries import Figures, Group, Usable
from points.interfaces.coupon_wording import (
    CouponWordsOut,
    validity_of_coupon,
    validity_of_template,
    words_of,
)
from points.program.queries import ActiveProgram

Kind = Literal["amount_off", "percent_off", "free_shipping"]
Scope = Literal["all", "categories", "skus"]
Status = Literal["draft", "active", "stopped"]
State = Literal["issued", "locked", "used", "expired", "voided"]
Why = Literal["below_threshold", "nothing_in_scope", "nothing_left", "locked", "not_yet_valid"]
Code = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)", description="Small letters, digits, - and _"),
]
TemplateName = Annotated[str, Meta(max_length=60)]
Sum = Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
Cents = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Names = Annotated[list[Slugish], Meta(max_length=200)]
Many = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Reference = Annotated[str, Meta(min_length=1, max_length=120, description="Your checkout or order")]
SegmentRef = Annotated[str, Meta(max_length=40)]
Rate = Annotated[Decimal, Meta(description="Share taken off, 0 to 1 in steps of 0.0001")]


def _check_rate(rate: object) -> None:
    if isinstance(rate, Decimal) and not (
        rate.is_finite() and 0 < rate <= 1 and rate == rate.quantize(Decimal("0.0001"))
    ):
        raise ValueError("field `rate` must lie above 0 and up to 1, in steps of 0.0001")


class CouponTemplateTerms(Body, kw_only=True):
    """`amount_cents` for amount_off; `rate` for percent_off, with at most `cap_cents`.

    The threshold looks at the goods in scope. `valid_days`: to the end of the N-th local day after
    the issue; `valid_until` is the first moment after. Nothing named: no limit, no end.
    """

    name_zh: TemplateName = ""
    name_en: TemplateName = ""
    kind: Kind
    amount_cents: Sum | None = None
    rate: Rate | None = None
    cap_cents: Sum | None = None
    threshold_cents: Cents = 0
    scope: Scope = "all"
    categories: Names = []
    skus: Names = []
    excluded_categories: Names = []
    excluded_skus: Names = []
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    valid_days: Annotated[int, Meta(ge=0, le=3_650)] | None = None
    total: Many | None = None
    per_member: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    is_claimable: bool = False
    claim_from: Moment | None = None
    claim_until: Moment | None = None
    tiers: Names = []
    segment: SegmentRef = ""
    stacks: bool = False
    with_points: bool = True
    returns_on_refund: bool = True
    funding_source: Annotated[str, Meta(max_length=40)] = "merchant"
    status: Status = "draft"

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        check_moments(self.valid_from, self.valid_until, self.claim_from, self.claim_until)


class CouponTemplateIn(CouponTemplateTerms, kw_only=True):
    code: Code


class CouponTemplateChange(Body, kw_only=True):
    """Only what is named changes; coupons that are out keep what they promise."""

    name_zh: TemplateName | UnsetType = UNSET
    name_en: TemplateName | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    amount_cents: Sum | None | UnsetType = UNSET
    rate: Rate | None | UnsetType = UNSET
    cap_cents: Sum | None | UnsetType = UNSET
    threshold_cents: Cents | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    categories: Names | UnsetType = UNSET
    skus: Names | UnsetType = UNSET
    excluded_categories: Names | UnsetType = UNSET
    excluded_skus: Names | UnsetType = UNSET
    valid_from: Moment | None | UnsetType = UNSET
    valid_until: Moment | None | UnsetType = UNSET
    valid_days: Annotated[int, Meta(ge=0, le=3_650)] | None | UnsetType = UNSET
    total: Many | None | UnsetType = UNSET
    per_member: Annotated[int, Meta(ge=1, le=1_000)] | None | UnsetType = UNSET
    is_claimable: bool | UnsetType = UNSET
    claim_from: Moment | None | UnsetType = UNSET
    claim_until: Moment | None | UnsetType = UNSET
    tiers: Names | UnsetType = UNSET
    segment: SegmentRef | UnsetType = UNSET
    stacks: bool | UnsetType = UNSET
    with_points: bool | UnsetType = UNSET
    returns_on_refund: bool | UnsetType = UNSET
    funding_source: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    status: Status | UnsetType = UNSET

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        moments = (self.valid_from, self.valid_until, self.claim_from, self.claim_until)
        check_moments(*(one for one in moments if isinstance(one, datetime)))


class CouponFiguresOut(msgspec.Struct, kw_only=True):
    """`issued` leaves voided ones out; `left` null: no total; `cost_cents`: what the used ones took
    off."""

    issued: int
    used: int
    expired: int
    voided: int
    left: int | None
    cost_cents: int


class CouponTemplateOut(msgspec.Struct, kw_only=True):
    code: str
    name: str
    name_zh: str
    name_en: str
    kind: Kind
    amount_cents: int | None
    rate: Decimal | None
    cap_cents: int | None
    threshold_cents: int
    scope: Scope
    categories: list[str]
    skus: list[str]
    excluded_categories: list[str]
    excluded_skus: list[str]
    valid_from: datetime | None
    valid_until: datetime | None
    valid_days: int | None
    total: int | None
    per_member: int | None
    is_claimable: bool
    claim_from: datetime | None
    claim_until: datetime | None
    tiers: list[str]
    segment: str
    stacks: bool
    with_points: bool
    returns_on_refund: bool
    funding_source: str
    status: Status
    words: CouponWordsOut
    figures: CouponFiguresOut
    created_at: datetime
    changed_at: datetime


class CouponTemplateItems(Items, kw_only=True):
    items: list[CouponTemplateOut]


class CouponQuery(Page, kw_only=True):
    group: Group | None = None


class CouponOut(msgspec.Struct, kw_only=True):
    """A coupon as of now: what it promises is stamped on it. `valid_until` is the first moment after,
    null: for ever. `source` and `source_id` say what it was issued for."""

    id: uuid.UUID
    code: str
    state: State
    template: str
    name: str
    member_id: uuid.UUID
    kind: Kind
    amount_cents: int | None
    rate: Decimal | None
    cap_cents: int | None
    threshold_cents: int
    stacks: bool
    with_points: bool
    words: CouponWordsOut
    valid_from: datetime
    valid_until: datetime | None
    source: str
    source_id: str
    issued_at: datetime
    reference: str | None
    locked_until: datetime | None
    used_at: datetime | None
    discount_cents: int
    returned_at: datetime | None
    ended_at: datetime | None
    void_reason: str


class CouponItems(Items, kw_only=True):
    items: list[CouponOut]


class CouponLineIn(Body, kw_only=True):
    """`amount_cents` is what all pieces cost together, before any coupon."""

    sku: Annotated[str, Meta(max_length=120)] = ""
    category: Annotated[str, Meta(max_length=120)] = ""
    amount_cents: Cents
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class QuotedCouponOut(msgspec.Struct, kw_only=True):
    """A coupon and what it alone takes off, in all and of each line; with `reason` nothing.
    `missing_cents`: how much more goods it needs."""

    coupon: CouponOut
    discount_cents: int
    per_line: list[int]
    frees_shipping: bool
    reason: Why | None
    missing_cents: int


class CombinedCouponsOut(msgspec.Struct, kw_only=True):
    """Several coupons together: what each takes off in the order in which they apply, and what all
    take off each line. `refused` says why others do not."""

    discount_cents: int
    per_line: list[int]
    per_coupon: dict[str, int]
    refused: dict[str, Why]
    frees_shipping: bool
    allows_points: bool


def template(row: CouponTemplate, figures: Figures, program: ActiveProgram) -> CouponTemplateOut:
    """A template with its figures and in words."""
    fields: dict[str, Any] = {
        name: getattr(row, name) for name in CouponTemplateTerms.__struct_fields__
    }
    fields |= {name: _utc(fields[name]) for name in _MOMENTS}
    left = None if row.total is None else row.total - row.issued_count
    counted = msgspec.structs.asdict(figures)
    return CouponTemplateOut(
        **fields, code=row.code, name=row.name(get_language() or "en"),
        words=template_words(row, program), figures=CouponFiguresOut(**counted, left=left),
        created_at=row.created_at.astimezone(UTC), changed_at=row.changed_at.astimezone(UTC),
    )  # fmt: skip


def template_words(row: CouponTemplate, program: ActiveProgram) -> CouponWordsOut:
    """What its coupons give, in words."""
    validity = validity_of_template(row.valid_from, row.valid_until, row.valid_days, program)
    return words_of(row.terms, validity, program)


def coupon(row: Coupon, at: datetime, program: ActiveProgram) -> CouponOut:
    """A coupon (with its template loaded) as of `at`."""
    terms, state = row.terms, row.state_at(at)
    is_bound = state in ("locked", "used")
    return CouponOut(
        id=row.pk, code=row.code,
        state=state,  # type: ignore[arg-type]
        template=row.template.code, name=row.template.name(get_language() or "en"),
        member_id=row.member_id, kind=terms.kind, amount_cents=terms.amount_cents, rate=terms.rate,
        cap_cents=terms.cap_cents, threshold_cents=terms.threshold_cents, stacks=terms.stacks,
        with_points=terms.with_points, words=coupon_words(row, terms, at, program),
        valid_from=row.valid_from.astimezone(UTC), valid_until=_utc(row.valid_until),
        source=row.source, source_id=row.source_id, issued_at=row.issued_at.astimezone(UTC),
        reference=row.reference if is_bound else None,
        locked_until=_utc(row.locked_until) if state == "locked" else None,
        used_at=_utc(row.used_at), discount_cents=row.discount_cents,
        returned_at=_utc(row.returned_at), void_reason=row.void_reason,
        ended_at=_utc(row.valid_until if state == "expired" else row.ended_at),
    )  # fmt: skip


def coupon_words(
    row: Coupon, terms: CouponTerms, at: datetime, program: ActiveProgram
) -> CouponWordsOut:
    """A coupon in words, with its own dates."""
    return words_of(
        terms, validity_of_coupon(row.valid_from, row.valid_until, at, program), program
    )


def lines_of(lines: list[CouponLineIn]) -> list[CouponLine]:
    """A basket as calculations read it."""
    return [CouponLine(**msgspec.structs.asdict(one)) for one in lines]


def quoted(one: Usable, at: datetime, program: ActiveProgram) -> QuotedCouponOut:
    """What a coupon alone takes off."""
    found = one.found
    off = found if isinstance(found, Discount) else Discount(0, ())
    refusal = found if isinstance(found, Refusal) else None
    return QuotedCouponOut(
        coupon=coupon(one.coupon, at, program), discount_cents=off.total_cents,
        per_line=list(off.per_line), frees_shipping=off.frees_shipping,
        reason=refusal.reason if refusal else None,
        missing_cents=refusal.missing_cents if refusal else 0,
    )  # fmt: skip


def combined(found: Combined) -> CombinedCouponsOut:
    """What several take off together."""
    return CombinedCouponsOut(
        discount_cents=found.total_cents, per_line=list(found.per_line),
        per_coupon={code: one.total_cents for code, one in found.applied.items()},
        refused={code: one.reason for code, one in found.refused.items()},
        frees_shipping=found.frees_shipping, allows_points=found.allows_points,
    )  # fmt: skip


def trace(row: CouponTemplate) -> dict[str, object]:
    """What the audit log keeps of a template."""
    kept: dict[str, object] = {
        name: msgspec.to_builtins(getattr(row, name))
        for name in CouponTemplateTerms.__struct_fields__
    }
    return kept | {"rate": str(row.rate.normalize()) if row.rate is not None else None}


_MOMENTS = ("valid_from", "valid_until", "claim_from", "claim_until")


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
