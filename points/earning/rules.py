"""What an earning rule says (rules.md §3): its shape, its checks, and which version is in force."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from kernel.bilingual import pack
from kernel.shapes import LARGEST_AMOUNT, check_moments
from points.conditions.parsing import parse
from points.conditions.tree import Condition
from points.earning.facts import LINE_SCHEMA, schema_of
from points.program.calculations import Section

ORDER_TRIGGERS = ("order.paid", "order.completed")
# What happens inside Jifen; other systems cannot claim that it did.
OWN_TRIGGERS = (
    *ORDER_TRIGGERS, "member.registered", "member.birthday", "member.profile_completed", "checkin",
    "referral.qualified",
)  # fmt: skip
TOLD_TRIGGERS = ("member.followed", "review.posted", "share.visited", "video.watched")
CUSTOM = "custom:"

TRIGGER = (
    r"^(order\.(paid|completed)|member\.(registered|followed|birthday|profile_completed)"
    r"|checkin|review\.posted|share\.visited|video\.watched|referral\.qualified"
    r"|custom:[a-z0-9][a-z0-9_.-]{0,59})$(?!\n)"
)
Trigger = Annotated[str, msgspec.Meta(pattern=TRIGGER)]
Amount = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Times = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Total = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_AMOUNT)]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$(?!\n)")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

# Which fields each kind of reward has; anything else given with it is a mistake.
_REWARD_FIELDS = {
    "fixed": {"points"},
    "amount": {"points", "per_cents"},
    "rate": {"rate"},
    "multiplier": {"factor"},
    "per_line": {"points", "per"},
    "coupon": {"template"},
}
# Kinds that look at nothing but whether the rule matched.
_WITHOUT_LINES = ("fixed", "coupon")
MOST_FACTOR = 100


class Reward(Section):
    """What a matching rule gives; every result is floored.

    fixed: `points` · amount: `points` for each whole `per_cents` · rate: that share of the amount,
    in points at face value · multiplier: base points × (`factor` − 1) · per_line: `points` for each
    line, or each piece · coupon: no points, but one coupon of a `template`, by its code. `lines` is a
    condition a line must meet to count (all kinds but `fixed` and `coupon`).
    """

    kind: Literal["fixed", "amount", "rate", "multiplier", "per_line", "coupon"]
    points: Amount | None = None
    per_cents: Amount | None = None
    rate: Decimal | None = None
    factor: Decimal | None = None
    per: Literal["line", "piece"] | None = None
    template: Code | None = None
    lines: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        allowed = _REWARD_FIELDS[self.kind]
        names = ("points", "per_cents", "rate", "factor", "per", "template")
        for name in names:
            if name in allowed and getattr(self, name) is None and name != "per":
                raise ValueError(f"field `{name}` is needed for a reward of kind {self.kind}")
            if name not in allowed and getattr(self, name) is not None:
                raise ValueError(f"field `{name}` means nothing for a reward of kind {self.kind}")
        if self.kind in _WITHOUT_LINES and self.lines is not None:
            raise ValueError(f"field `lines` means nothing for a reward of kind {self.kind}")
        if self.rate is not None and not (self.rate.is_finite() and 0 < self.rate <= 1):
            raise ValueError("field `rate` must lie above 0 and be at most 1")
        if self.factor is not None and not (
            self.factor.is_finite() and 1 < self.factor <= MOST_FACTOR
        ):
            raise ValueError(f"field `factor` must lie above 1 and be at most {MOST_FACTOR}")


class PerPeriod(Section):
    """The most in a local day, week (from Monday), month, and in all."""

    day: Total | None = None
    week: Total | None = None
    month: Total | None = None
    ever: Total | None = None


class Limits(Section):
    """How often (`per_member`) and how many points (`per_member_points`) one member gets; how many
    points all members get together."""

    per_member: PerPeriod = msgspec.field(default_factory=PerPeriod)
    per_member_points: PerPeriod = msgspec.field(default_factory=PerPeriod)
    total_points: Total | None = None


class Task(Section):
    """How the rule shows in the task centre; `auto` grants by itself, `member` waits for a claim."""

    title_zh: Words
    title_en: Words
    hint_zh: Annotated[str, msgspec.Meta(max_length=300)] = ""
    hint_en: Annotated[str, msgspec.Meta(max_length=300)] = ""
    claim: Literal["auto", "member"] = "auto"
    link: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^(/[^/].*|/)?$(?!\n)")] = ""

    def title(self, language: str) -> str:
        """The title in a language."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def hint(self, language: str) -> str:
        """The hint in a language."""
        return self.hint_zh if language.startswith("zh") else self.hint_en


class RuleDocument(Section):
    """One version of a rule."""

    # `name` is what staff know it by; members read the others, where they are there.
    name: Words
    trigger: Trigger
    reward: Reward
    conditions: dict[str, Any] | None = None
    limits: Limits = msgspec.field(default_factory=Limits)
    channels: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=50)
    ] = []
    segments: Annotated[list[Code], msgspec.Meta(max_length=20)] = []
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    funding_source: Annotated[str, msgspec.Meta(max_length=40)] = "merchant"
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    stacking: Literal["stack", "exclusive"] = "stack"
    # How long its points wait; neither: as the programme says. `return_window` needs an order.
    pending: Literal["days", "return_window"] | None = None
    pending_days: Annotated[int, msgspec.Meta(ge=0, le=365)] | None = None
    task: Task | None = None
    name_zh: Annotated[str, msgspec.Meta(max_length=200)] = ""
    name_en: Annotated[str, msgspec.Meta(max_length=200)] = ""

    @property
    def told_name(self) -> str:
        """What members read of it, in both languages (`kernel.bilingual`): its names, or those of
        its card, or else the one name it has."""
        zh, en = self.name_zh, self.name_en
        if not (zh or en) and self.task is not None:
            zh, en = self.task.title_zh, self.task.title_en
        return pack(zh or en and self.name, en or zh and self.name) or self.name

    def __post_init__(self) -> None:
        check_moments(self.starts_at, self.ends_at)
        for moment in (self.starts_at, self.ends_at):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("fields `starts_at` and `ends_at` need an offset")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("field `ends_at` must come after `starts_at`")
        self._check_reward_fits()
        self._check_pending()
        self._check_coupon()

    def is_open_at(self, moment: datetime) -> bool:
        """Whether a moment lies inside the rule's own time: from `starts_at`, before `ends_at`."""
        has_begun = self.starts_at is None or moment >= self.starts_at
        return has_begun and (self.ends_at is None or moment < self.ends_at)

    def _check_reward_fits(self) -> None:
        """A reward by lines or by base points needs an order."""
        needs_order = self.reward.kind in ("multiplier", "per_line") or self.reward.lines
        if needs_order and self.trigger not in ORDER_TRIGGERS:
            raise ValueError(f"field `reward` of kind {self.reward.kind} needs an order trigger")

    def _check_pending(self) -> None:
        """A number of days, the return window of an order, or neither."""
        if self.pending == "days" and self.pending_days is None:
            raise ValueError("field `pending_days` is needed when points are pending for days")
        if self.pending == "return_window" and self.pending_days is not None:
            raise ValueError("field `pending_days` means nothing beside the return window")
        if self.pending == "return_window" and self.trigger not in ORDER_TRIGGERS:
            raise ValueError("field `pending` can name the return window of orders only")

    def _check_coupon(self) -> None:
        """A coupon is no points: nothing that counts, keeps back or pays points has a meaning."""
        if self.reward.kind != "coupon":
            return
        senseless = {
            "limits.total_points": self.limits.total_points is not None,
            "limits.per_member_points": self.limits.per_member_points != PerPeriod(),
            "pending": self.pending is not None,
            "pending_days": self.pending_days is not None,
            "funding_source": self.funding_source != "merchant",
        }
        for name, is_given in senseless.items():
            if is_given:
                raise ValueError(f"field `{name}` means nothing for a reward of kind coupon")


class Version(msgspec.Struct, frozen=True):
    """A version as it is stored; without a document the rule is stopped from then on."""

    number: int
    effective_from: datetime
    document: RuleDocument | None


class Rule(msgspec.Struct, frozen=True):
    """A rule with all it ever said."""

    id: uuid.UUID
    code: str
    versions: Sequence[Version]

    def version_at(self, moment: datetime) -> Version | None:
        """What was in force: the one published last of those that had begun.

        A version published later takes the place of one that was planned before it.
        """
        begun = [one for one in self.versions if one.effective_from <= moment]
        return max(begun, key=lambda one: one.number, default=None)


def conditions_of(document: RuleDocument) -> tuple[Condition | None, Condition | None]:
    """The rule's condition and that of its lines, checked. Raises ConditionInvalid."""
    whole, lines = document.conditions, document.reward.lines
    return (
        parse(tree=whole, schema=schema_of(document.trigger)) if whole is not None else None,
        parse(tree=lines, schema=LINE_SCHEMA) if lines is not None else None,
    )
