"""Bodies and answers of simulations and back-tests, alike on every surface."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import LARGEST_AMOUNT, Body, Cents, Items, Slugish
from points.earning.rules import Code, RuleDocument, Trigger
from points.insights.backtest.proposal import GrowthProposal, TierProposal
from points.insights.backtest.tally import (
    MemberChange,
    PayerSums,
    SourceSums,
    Stretch,
    Sums,
    TierMove,
)
from points.interfaces.job_shapes import JobErrorOut, Status
from points.interfaces.rule_shapes import RuleResultOut

Whole = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)]
Text = Annotated[str, msgspec.Meta(max_length=120)]


class ProposedDocument(RuleDocument, kw_only=True):
    """What a rule would say, as it is sent: what is left out is as by default."""


class RuleProposalIn(Body, kw_only=True):
    """What a rule would say: `document`; or as its saved draft says; without either it would be
    stopped."""

    code: Code
    document: ProposedDocument | None = None
    as_drafted: bool = False


class ProposalFields(Body, kw_only=True):
    """What would change; all else stays as it is. `earning` are settings of the programme, of which
    only those that change need be named."""

    rules: Annotated[list[RuleProposalIn], msgspec.Meta(max_length=200)] = []
    earning: dict[str, Any] | None = None
    growth: GrowthProposal | None = None
    tiers: Annotated[list[TierProposal], msgspec.Meta(max_length=20)] = []


class BacktestIn(ProposalFields, kw_only=True):
    """A proposal, and how many days of past orders to replay."""

    days: Annotated[int, msgspec.Meta(ge=1, le=1096)] = 90


class SupposedMemberIn(Body, kw_only=True):
    """A member who does not exist, as conditions would see one."""

    tier: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    tags: Annotated[list[Text], msgspec.Meta(max_length=50)] = []
    segments: Annotated[list[Code], msgspec.Meta(max_length=20)] = []
    orders_count: Whole = 0
    spent_cents: Whole = 0
    birthday: date | None = None


class TrialLine(Body, kw_only=True):
    """A line: `amount_cents` is what the whole line costs, before coupons and points."""

    amount_cents: Cents
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    sku: Text = ""
    category: Text = ""


class TrialOrder(Body, kw_only=True):
    """An order placed now; `completed` orders have been paid too."""

    lines: Annotated[list[TrialLine], msgspec.Meta(min_length=1, max_length=500)]
    status: Literal["paid", "completed"] = "completed"
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "api"
    shipping_cents: Cents = 0
    tax_cents: Cents = 0
    discount_cents: Cents = 0

    def __post_init__(self) -> None:
        if self.discount_cents > self.total_cents:
            raise ValueError("field `discount_cents` is more than the order costs")

    @property
    def total_cents(self) -> int:
        """What it costs before the discount."""
        return sum(line.amount_cents for line in self.lines) + self.shipping_cents + self.tax_cents


class TrialEvent(Body, kw_only=True):
    """Something that happens now. Properties of a check-in are `streak` and `total`."""

    type: Trigger
    properties: dict[str, str | int | float | bool | None] = {}

    def __post_init__(self) -> None:
        if self.type.startswith("order."):
            raise ValueError("field `type` is an order's: give an `order` instead")


class SimulationIn(ProposalFields, kw_only=True):
    """An order or an event, whose it is, and what to try it with."""

    order: TrialOrder | None = None
    event: TrialEvent | None = None
    member_external_id: Slugish | None = None
    member: SupposedMemberIn | None = None

    def __post_init__(self) -> None:
        if (self.order is None) == (self.event is None):
            raise ValueError("give either an `order` or an `event`")
        if self.member_external_id is not None and self.member is not None:
            raise ValueError("give either `member_external_id` or `member`")


class SimulatedOut(msgspec.Struct, kw_only=True):
    """What would be earned: base points, what the tier adds, each rule with a sentence, and how many
    coupons rules give."""

    points: int
    coupons: int
    base_cents: int | None
    base_points: int
    tier: str | None
    tier_points: int
    rules: list[RuleResultOut]


class SimulationOut(msgspec.Struct, kw_only=True):
    """By what is in force, and by what is proposed."""

    live: SimulatedOut
    draft: SimulatedOut


class MemberChangeOut(MemberChange, kw_only=True):
    """A member who would win or lose, with number and name."""

    external_id: str
    name: str | None


class ComparisonOut(msgspec.Struct, kw_only=True):
    """What a back-test found. Points are those kept after refunds; money in minor units.

    `spread` counts members by how their points would change: half less or worse, 10 % less, a
    little less, the same, a little more, 10 % more, half more, none before. `tier_moves` is null
    when nothing was proposed that tiers are measured by.
    """

    days: int
    starts_on: date
    ends_on: date
    orders: int
    members: int
    revenue_cents: int
    live: Sums
    draft: Sums
    sources: list[SourceSums]
    payers: list[PayerSums]
    stretches: list[Stretch]
    winners: int
    losers: int
    unchanged: int
    spread: list[int]
    most_won: list[MemberChangeOut]
    most_lost: list[MemberChangeOut]
    tier_moves: list[TierMove] | None


class BacktestOut(msgspec.Struct, kw_only=True):
    """A back-test as a job: `done` of `total` orders, `progress` in whole per cent."""

    id: uuid.UUID
    status: Status
    done: int
    total: int
    progress: int
    proposal: dict[str, Any]
    until: datetime
    error: JobErrorOut | None
    comparison: ComparisonOut | None
    asked_by_name: str
    created_at: datetime
    finished_at: datetime | None


class BacktestItems(Items, kw_only=True):
    items: list[BacktestOut]
