"""The shape of programme settings, with the defaults of rules.md, and the dates they lead to."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from kernel.clock import Calendar

Whole = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
IDLE_DAYS = 365


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A group of settings; unknown keys are refused."""


class Earning(Section):
    """rules.md §3: what an order's base is and how it turns into points."""

    basis: Literal["goods_paid", "order_total"] = "goods_paid"
    step_cents: Positive = 100
    points_per_step: Whole = 1
    rounding: Literal["floor", "half_up", "ceil"] = "floor"
    grant_on: Literal["completion", "payment"] = "completion"
    # How long an order's points wait: `pending_days`, or until its goods can no longer be returned.
    pending: Literal["days", "return_window"] = "days"
    pending_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    # 7 by the law of China, 14 by that of the European Union, both counted from the day after receipt.
    return_window_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    excluded_categories: list[Annotated[str, msgspec.Meta(max_length=120)]] = []
    excluded_skus: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=120)]], msgspec.Meta(max_length=1000)
    ] = []

    def excludes(self, category: str, sku: str) -> bool:
        """Whether a line earns nothing."""
        return category in self.excluded_categories or sku in self.excluded_skus


class Expiry(Section):
    """rules.md §5: stamped on a lot when it is granted."""

    policy: Literal["rolling", "month_end", "fixed_date", "inactivity", "never"] = "rolling"
    months: Annotated[int, msgspec.Meta(ge=1, le=120)] | None = None
    days: Days | None = None
    date: Annotated[str, msgspec.Meta(pattern=r"^\d{2}-\d{2}$")] | None = None
    notice_days: Annotated[list[Days], msgspec.Meta(max_length=5)] = msgspec.field(
        default_factory=lambda: [30, 7]
    )

    def __post_init__(self) -> None:
        if self.date is not None and not _is_day_of_year(self.date):
            raise ValueError("field `date` is no day of the year (MM-DD)")


class Offset(Section):
    """rules.md §6: what points are worth at the checkout."""

    points_per_unit: Positive = 100
    max_rate: Decimal = Decimal("0.5")
    min_order_cents: Whole = 0
    step_points: Positive = 1
    max_points: Positive | None = None
    # Goods of these are paid for with money alone.
    excluded_categories: list[Annotated[str, msgspec.Meta(max_length=120)]] = []

    def __post_init__(self) -> None:
        if not (self.max_rate.is_finite() and 0 <= self.max_rate <= 1):
            raise ValueError("field `max_rate` must lie between 0 and 1")


class Clawback(Section):
    """rules.md §4: how earned points are taken back."""

    share: Literal["by_line", "proportional"] = "by_line"
    from_other_lots: bool = True
    debt: bool = True
    debt_limit_points: Whole | None = None
    # Spent points that come back into a lot which has expired meanwhile live so many days more.
    return_grace_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0
    # Whether a chargeback also returns the points the order was paid with.
    chargeback_returns_spent: bool = False


class Milestone(Section):
    kind: Literal["continuous", "cumulative"]
    days: Days
    points: Positive


class Checkin(Section):
    """rules.md §7."""

    base_points: Annotated[list[Whole], msgspec.Meta(min_length=1, max_length=31)] = msgspec.field(
        default_factory=lambda: [1, 1, 2, 2, 3, 3, 5]
    )
    milestones: Annotated[list[Milestone], msgspec.Meta(max_length=20)] = []
    # What a milestone gives comes on top of the day's points, or takes their place.
    milestones_replace_base: bool = False
    cycle: Literal["endless", "week", "month"] = "endless"
    make_up_points: Whole = 50
    make_up_per_month: Annotated[int, msgspec.Meta(ge=0, le=31)] = 3


class Transfers(Section):
    """rules.md §13: members give points to each other. A limit that is null is none."""

    enabled: bool = False
    min_points: Positive = 1
    max_points: Positive | None = None
    max_points_per_day: Positive | None = None
    max_points_per_month: Positive | None = None

    def __post_init__(self) -> None:
        if self.max_points is not None and self.max_points < self.min_points:
            raise ValueError("field `max_points` must not be less than `min_points`")


class TierRule(Section):
    """rules.md §8: what counts for a tier, over which time, and how a tier is lost."""

    # Off: no growth is granted and nobody is moved.
    is_on: bool = False
    qualify_by: Literal["growth", "spend", "orders"] = "growth"
    window: Literal["rolling_12_months", "calendar_year", "all_time"] = "rolling_12_months"
    growth_step_cents: Positive = 100
    growth_per_step: Positive = 1
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 30
    downgrade: Literal["one_level", "to_earned"] = "one_level"


class Adjustments(Section):
    """rules.md §13: corrections by hand. Above `approval_above_points` (given or taken) a second
    person approves; a person moves at most `staff_daily_points` a local day. None: no limit."""

    approval_above_points: Whole | None = None
    staff_daily_points: Whole | None = None
    # A request nobody decides runs out so many times 24 hours after it was made.
    request_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7


class Shop(Section):
    """The merchant's own shop: what a checkout asks, and how long it waits."""

    # How a buyer may pay what points and the cash wallet leave; Stripe only while the merchant's account
    # there can take money.
    payments: Annotated[list[Literal["offline", "stripe"]], msgspec.Meta(max_length=2)] = (
        msgspec.field(default_factory=lambda: ["offline"])
    )
    # What one who pays at the counter or by transfer is to do.
    offline_zh: Annotated[str, msgspec.Meta(max_length=500)] = ""
    offline_en: Annotated[str, msgspec.Meta(max_length=500)] = ""
    shipping_cents: Whole = 0
    # Goods of at least so much (after coupons, points count as money) travel free; None: never.
    free_shipping_from_cents: Whole | None = None
    # How long stock, coupon and points are kept for one who has not paid yet.
    hold_minutes: Annotated[int, msgspec.Meta(ge=5, le=1440)] = 30
    # A parcel nobody confirms counts as received so many times 24 hours after it was sent.
    complete_after_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 10

    def __post_init__(self) -> None:
        if len(set(self.payments)) < len(self.payments):
            raise ValueError("field `payments` names one way to pay twice")


class Cash(Section):
    """rules.md §6: points become cash, and cash is paid out. A cap that is null is none; all of them
    in minor units, per local day, local month, or in all."""

    enabled: bool = False
    # So many points for one major unit of money.
    points_per_unit: Positive = 100
    min_points: Positive = 100
    step_points: Positive = 100
    member_daily_cents: Positive | None = None
    member_monthly_cents: Positive | None = None
    shop_daily_cents: Positive | None = None
    shop_total_cents: Positive | None = None
    # Whether cash may pay orders of the shop.
    pays_orders: bool = True
    withdrawals: bool = True
    min_withdrawal_cents: Positive = 100
    max_withdrawal_cents_per_day: Positive | None = None
    payout: Literal["manual", "wechat", "stripe"] = "manual"

    def __post_init__(self) -> None:
        most = self.max_withdrawal_cents_per_day
        if most is not None and most < self.min_withdrawal_cents:
            raise ValueError(
                "field `max_withdrawal_cents_per_day` must not be less than `min_withdrawal_cents`"
            )


class ReferralRule(Section):
    """rules.md §11: what a completed first order of somebody who was invited gives to both."""

    is_on: bool = False
    inviter_points: Whole = 100
    invitee_points: Whole = 50
    # What the goods that were kept must have cost in money.
    min_order_cents: Whole = 0
    # The order must be placed so many times 24 hours after the code was taken.
    order_within_days: Days = 90
    # How long after joining, and before the first order, a code can still be entered. 0: not at all.
    claim_within_days: Annotated[int, msgspec.Meta(ge=0, le=90)] = 7
    # Rewards one inviter gets in a local month; None: no limit.
    inviter_monthly_rewards: Positive | None = 20
    funding_source: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "merchant"


Rate = Annotated[Decimal, msgspec.Meta(description="0 to 0.5, at most four decimals")]
MOST_COMMISSION = Decimal("0.5")


class CategoryRate(Section):
    """Commission on one category of goods, in place of the general one."""

    category: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    level1_rate: Rate
    level2_rate: Rate = Decimal(0)

    def __post_init__(self) -> None:
        check_rates(self.level1_rate, self.level2_rate)


class Distribution(Section):
    """rules.md §11: commission of distributors, at most two levels."""

    is_on: bool = False
    level1_rate: Rate = Decimal("0.05")
    level2_rate: Rate = Decimal("0.02")
    category_rates: Annotated[list[CategoryRate], msgspec.Meta(max_length=50)] = []
    # Whether members may apply; staff admit either way.
    takes_applications: bool = True
    funding_source: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "merchant"

    def __post_init__(self) -> None:
        check_rates(self.level1_rate, self.level2_rate)
        if len({one.category for one in self.category_rates}) < len(self.category_rates):
            raise ValueError("field `category_rates` names a category twice")


def check_rates(level1: Decimal, level2: Decimal) -> None:
    """Rates are 0 or more, with at most four decimals, together at most a half.

    Raises ValueError, which msgspec turns into a validation error."""
    for name, rate in (("level1_rate", level1), ("level2_rate", level2)):
        if not rate.is_finite() or rate < 0 or rate * 10_000 % 1:
            raise ValueError(f"field `{name}` must be 0 or more, with at most four decimals")
    if level1 + level2 > MOST_COMMISSION:
        raise ValueError("field `level1_rate` and `level2_rate` may not exceed 0.5 together")


class ProgramSettings(Section):
    """All settings of a programme."""

    face_value_points_per_unit: Positive = 100
    day_start_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 0
    earning: Earning = msgspec.field(default_factory=Earning)
    expiry: Expiry = msgspec.field(default_factory=Expiry)
    offset: Offset = msgspec.field(default_factory=Offset)
    clawback: Clawback = msgspec.field(default_factory=Clawback)
    checkin: Checkin = msgspec.field(default_factory=Checkin)
    transfers: Transfers = msgspec.field(default_factory=Transfers)
    tiers: TierRule = msgspec.field(default_factory=TierRule)
    adjustments: Adjustments = msgspec.field(default_factory=Adjustments)
    shop: Shop = msgspec.field(default_factory=Shop)
    cash: Cash = msgspec.field(default_factory=Cash)
    referral: ReferralRule = msgspec.field(default_factory=ReferralRule)
    distribution: Distribution = msgspec.field(default_factory=Distribution)


def expires_at(expiry: Expiry, granted_at: datetime, calendar: Calendar) -> datetime | None:
    """When a lot granted at this moment expires: the end of a local day, or None for never.

    rolling: N months (12) or N days later, to the end of that local day · month_end: the end of
    the N-th month from now (default 12) · fixed_date: that date of the year after the one it was
    earned in · inactivity: N days (365) from the grant, moved on by later activity.
    """
    rule = (expiry.policy, expiry.months, expiry.days, expiry.date)
    return _expiry_of_day(rule, calendar.day_of(granted_at), calendar)


def living_until(
    expiry: Expiry, granted_at: datetime, matures_at: datetime | None, calendar: Calendar
) -> datetime | None:
    """When a lot expires that is pending first: as earned, but never before it can be spent.

    A lot that would be over when it matures lives as if earned on the day it matures.
    """
    ends = expires_at(expiry, granted_at, calendar)
    if ends is None or matures_at is None or ends > matures_at:
        return ends
    return expires_at(expiry, matures_at, calendar)


def return_window_end(days: int, completed_at: datetime, calendar: Calendar) -> datetime:
    """When goods of an order can no longer be returned: the end of the N-th local day after the one
    it was completed on. 7 days, completed on 3 March at noon → 11 March 00:00."""
    return calendar.end_of(calendar.day_of(completed_at) + timedelta(days=days))


def returnable_since(days: int, at: datetime, calendar: Calendar) -> datetime:
    """Goods of orders completed from this moment on can still be returned at `at`; those completed
    before it no longer: `return_window_end` of exactly those has come."""
    return calendar.start_of(calendar.day_of(at) - timedelta(days=days))


def idle_rule(expiry: Expiry, calendar: Calendar) -> str | None:
    """What is stamped on a lot that lives by activity: `days day_start zone`; None for all others.

    Belongs beside `expires_at` in every grant that the programme dates.
    """
    if expiry.policy != "inactivity":
        return None
    return f"{expiry.days or IDLE_DAYS} {calendar.day_start_hour} {calendar.timezone}"


def grace_until(clawback: Clawback, at: datetime, calendar: Calendar) -> datetime | None:
    """Until when points live that a refund returns to a lot which is over; None for not at all.

    The end of the N-th local day after this one: 3 days from 1 March → gone from 5 March 00:00.
    """
    if clawback.return_grace_days == 0:
        return None
    return calendar.end_of(calendar.day_of(at) + timedelta(days=clawback.return_grace_days))


@lru_cache(maxsize=4_096)
def _expiry_of_day(
    rule: tuple[str, int | None, int | None, str | None], day: date, calendar: Calendar
) -> datetime | None:
    """All lots of one day expire together; a batch asks for the same few days again and again."""
    policy, months, days, fixed = rule
    match policy:
        case "rolling":
            last = day + timedelta(days=days) if days else months_on(day, months or 12)
        case "month_end":
            last = _month_end(months_on(day.replace(day=1), months or 12))
        case "fixed_date":
            month, of_month = (int(part) for part in (fixed or "12-31").split("-"))
            year = day.year + 1
            last = date(year, month, min(of_month, monthrange(year, month)[1]))
        case "inactivity":
            last = day + timedelta(days=days or IDLE_DAYS)
        case _:
            return None
    return calendar.end_of(last)


def _is_day_of_year(text: str) -> bool:
    """Whether `MM-DD` exists in some year; 29 February does."""
    try:
        date.fromisoformat(f"2000-{text}")
    except ValueError:
        return False
    return True


def months_on(day: date, months: int) -> date:
    """Same day `months` later, or the last day of a shorter month (31 Jan + 1 → 28 Feb)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
