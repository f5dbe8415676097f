"""Bodies and answers of earning rules, events and funding sources, alike on every surface."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Moment, Page, check_moments
from points.budget.calculations import BudgetTerms
from points.earning.models import EarningRule, RuleVersion
from points.earning.queries import RuleFigures
from points.earning.rules import Code, RuleDocument
from points.flows.events_received import IncomingEvent

Status = Literal["draft", "scheduled", "live", "ended", "stopped"]
# Fields of a rule that are not part of what it says.
BESIDE = ("code", "status")


class RuleIn(RuleDocument, kw_only=True):
    """A new rule; with status `published` it is in force at once."""

    code: Code
    status: Literal["draft", "published"] = "draft"

    def document(self) -> dict[str, Any]:
        """What the rule says, as it is stored."""
        given: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in given.items() if name not in BESIDE}


class VersionOut(msgspec.Struct, kw_only=True):
    """A version; without a document the rule was stopped from then on."""

    number: int
    document: RuleDocument | None
    effective_from: dt.datetime
    published_at: dt.datetime
    published_by: str
    restores: int | None


class RuleOut(msgspec.Struct, kw_only=True):
    """A rule: what is in force or planned, what is being prepared, and what it gave so far;
    `coupons_missed` is how often there was no coupon left to give."""

    code: str
    name: str
    status: Status
    version: int | None
    effective_from: dt.datetime | None
    document: RuleDocument | None
    draft: RuleDocument | None
    awards: int
    points: int
    members: int
    coupons: int
    coupons_missed: int


class RuleDetailOut(RuleOut, kw_only=True):
    versions: list[VersionOut]


class RuleItems(msgspec.Struct, kw_only=True):
    items: list[RuleOut]


class PublicationIn(Body, kw_only=True):
    """Publish the draft, or bring back version `restores`; at once, or from a later moment on."""

    effective_from: Moment | None = None
    restores: Annotated[int, msgspec.Meta(ge=1)] | None = None

    def __post_init__(self) -> None:
        check_moments(self.effective_from)


def rule(
    row: EarningRule, versions: list[RuleVersion], figures: RuleFigures, at: dt.datetime
) -> RuleOut:
    """A rule as it stands at a moment."""
    return RuleOut(**_rule_fields(row, versions, figures, at))


def rule_detail(
    row: EarningRule, versions: list[RuleVersion], figures: RuleFigures, at: dt.datetime
) -> RuleDetailOut:
    """A rule with all its versions, newest first."""
    newest = sorted(versions, key=lambda v: -v.number)
    return RuleDetailOut(
        **_rule_fields(row, versions, figures, at),
        versions=[
            VersionOut(
                number=one.number, document=_document(one.document),
                effective_from=one.effective_from, published_at=one.published_at,
                published_by=one.published_by, restores=one.restores,
            )
            for one in newest
        ],
    )  # fmt: skip


def _rule_fields(
    row: EarningRule, versions: list[RuleVersion], figures: RuleFigures, at: dt.datetime
) -> dict[str, Any]:
    newest = max(versions, key=lambda v: v.number, default=None)
    document = _document(newest.document) if newest else None
    draft = _document(row.draft)
    named = document or draft
    return {
        "code": row.code,
        "name": named.name if named else row.code,
        "status": _status(newest, document, at),
        "version": newest.number if newest else None,
        "effective_from": newest.effective_from if newest else None,
        "document": document,
        "draft": draft,
        "awards": figures.awards,
        "points": figures.points,
        "members": figures.members,
        "coupons": figures.coupons,
        "coupons_missed": figures.coupons_missed,
    }


def _status(newest: RuleVersion | None, document: RuleDocument | None, at: dt.datetime) -> Status:
    if newest is None:
        return "draft"
    if document is None:
        return "stopped"
    if newest.effective_from > at or (document.starts_at and document.starts_at > at):
        return "scheduled"
    return "ended" if document.ends_at and document.ends_at <= at else "live"


def _document(stored: dict[str, Any] | None) -> RuleDocument | None:
    return msgspec.convert(stored, RuleDocument) if stored is not None else None


class RuleResultOut(msgspec.Struct, kw_only=True):
    """What one rule made of an order or event, with a sentence on why; `clawed_back_points` is what
    refunds took of it back. `coupon` is the code of the template it gives a coupon of."""

    code: str
    name: str
    version: int
    outcome: Literal["granted", "refused", "claimable", "not_matched", "outranked", "nothing"]
    reason: str
    points: int
    clawed_back_points: int
    coupon: str | None
    detail: str


class EventIn(IncomingEvent, kw_only=True):
    """An event as another system tells it."""


class EventBatchIn(Body, kw_only=True):
    events: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=1000)]


class EventOut(msgspec.Struct, kw_only=True):
    id: str
    type: str
    member_id: uuid.UUID
    occurred_at: dt.datetime
    points_earned: int
    evaluation: list[RuleResultOut]


class EventResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str | None
    outcome: Literal["created", "duplicate", "conflict", "refused"]
    points_earned: int
    code: str | None = None
    detail: str | None = None


class EventResults(msgspec.Struct, kw_only=True):
    results: list[EventResult]


class FundingSourceFields(Body, kw_only=True):
    """A budget is `budget_points` or `budget_rate` of the revenue; neither means none."""

    budget_points: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)] | None = None
    budget_rate: Decimal | None = None
    period: Literal["month", "campaign"] = "campaign"
    on_limit: Literal["stop", "stop_bonus", "alert"] = "stop_bonus"
    alert_rate: Decimal = Decimal("0.8")

    def __post_init__(self) -> None:
        for name in ("budget_rate", "alert_rate"):
            rate = getattr(self, name)
            if rate is not None and not (rate.is_finite() and 0 <= rate <= 1):
                raise ValueError(f"field `{name}` must lie between 0 and 1")

    def terms(self) -> BudgetTerms | None:
        """The budget, if one is given."""
        if self.budget_points is None and self.budget_rate is None:
            return None
        return BudgetTerms(
            points=self.budget_points, rate=self.budget_rate, period=self.period,
            on_limit=self.on_limit, alert_rate=self.alert_rate,
        )  # fmt: skip


class FundingSourceIn(FundingSourceFields, kw_only=True):
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    unit_cost_cents_per_1000_points: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)] = 0


class FundingSourceChange(FundingSourceFields, kw_only=True):
    """What is left out stays, except the budget: it is what the budget fields say together."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)] | None = None
    unit_cost_cents_per_1000_points: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)] | None = (
        None
    )


class BudgetOut(msgspec.Struct, kw_only=True):
    """A budget and its period under way; amounts are points, or minor units of money for a rate."""

    budget_points: int | None
    budget_rate: Decimal | None
    period: Literal["month", "campaign"]
    on_limit: Literal["stop", "stop_bonus", "alert"]
    alert_rate: Decimal
    measure: Literal["points", "cost"]
    limit: int
    used: int
    left: int


class FundingSourceOut(msgspec.Struct, kw_only=True):
    code: str
    name: str
    unit_cost_cents_per_1000_points: int
    budget: BudgetOut | None


class FundingSourceItems(msgspec.Struct, kw_only=True):
    items: list[FundingSourceOut]


class SettlementQuery(msgspec.Struct, kw_only=True):
    month: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class EventQuery(Page, kw_only=True):
    member_external_id: Annotated[str, msgspec.Meta(max_length=120)] | None = None
    type: Annotated[str, msgspec.Meta(max_length=70)] | None = None


class EventItems(Items, kw_only=True):
    items: list[EventOut]
