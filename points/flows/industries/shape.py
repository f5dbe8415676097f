"""What an industry template consists of, and what comes of it in a merchant's currency.

A shop opens with two small services on sale, which any shop of the trade can do on its first day
with what it has. Whatever has to be bought or decided on first waits as a draft, goods with a
stock of 0: the storefront promises nothing the merchant does not have.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kernel.money import exponent
from points.flows.industries.prices import ten_yuan_in
from points.program.calculations import Earning, Expiry, Offset, ProgramSettings, TierRule


@dataclass(frozen=True, slots=True)
class StarterItem:
    """A mall item to begin with. `worth_yuan`: what it costs a customer in China, in tens or fives."""

    image: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    worth_yuan: int
    kind: str = "benefit"
    limit: int | None = None
    is_on_sale: bool = False


@dataclass(frozen=True, slots=True)
class StarterTier:
    """A tier to begin with. `worth_yuan`: what a customer in China spends in a year to reach it."""

    code: str
    name_zh: str
    name_en: str
    worth_yuan: int
    color: str
    earn_multiplier: str = "1"


@dataclass(frozen=True, slots=True)
class StarterTask:
    """A task to begin with. `worth_yuan`: what doing it once is worth in China; it waits to be
    claimed, so that nobody's balance moves by itself on the first day."""

    code: str
    trigger: str
    title_zh: str
    title_en: str
    hint_zh: str
    hint_en: str
    worth_yuan: Decimal
    period: str = "ever"
    times: int = 1
    link: str = ""


@dataclass(frozen=True, slots=True)
class IndustryTemplate:
    """A programme and its mall. `units_per_step`: for how many units of money points are given."""

    points_per_step: int = 1
    units_per_step: int = 1
    expiry: Expiry = field(default_factory=Expiry)
    max_offset_rate: Decimal = Decimal("0.5")
    offset_step_points: int = 1
    items: tuple[StarterItem, ...] = ()
    ladder: tuple[StarterTier, ...] = ()
    tasks: tuple[StarterTask, ...] = ()

    def settings(self, currency: str) -> ProgramSettings:
        """The programme in a merchant's currency; the give-back is the same in each."""
        worth = points_per_unit(currency)
        return ProgramSettings(
            face_value_points_per_unit=worth,
            earning=Earning(
                step_cents=_earning_unit(currency) * self.units_per_step,
                points_per_step=self.points_per_step,
            ),
            expiry=self.expiry,
            offset=Offset(
                points_per_unit=worth,
                max_rate=self.max_offset_rate,
                step_points=self.offset_step_points,
            ),
            tiers=TierRule(is_on=bool(self.ladder), growth_step_cents=_earning_unit(currency)),
        )

    def give_back_rate(self) -> Decimal:
        """Which share of a sale comes back as points, at face value."""
        return Decimal(self.points_per_step) / (self.units_per_step * 100)

    def mall_items(self, currency: str) -> list[dict[str, Any]]:
        """Fields of the mall items, in their order."""
        return [_fields(item, position, currency) for position, item in enumerate(self.items)]

    def tiers(self, currency: str) -> list[dict[str, Any]]:
        """Fields of the tiers, lowest first; a unit of money that earns is one growth."""
        return [_tier(tier, currency) for tier in self.ladder]

    def rules(self, currency: str, locale: str) -> dict[str, dict[str, Any]]:
        """Documents of the earning rules behind the tasks, by code."""
        return {task.code: _rule(task, currency, locale) for task in self.tasks}


BLANK = IndustryTemplate()


def points_per_unit(currency: str) -> int:
    """How many points one major unit is worth: 100, or 1 where the unit has no smaller one."""
    return 1 if exponent(currency) == 0 else 100


def _earning_unit(currency: str) -> int:
    """Minor units for a step: one major unit, or a hundred where it has no smaller one."""
    unit: int = 10 ** exponent(currency)
    return max(100, unit)


def _tier(tier: StarterTier, currency: str) -> dict[str, Any]:
    cents = tier.worth_yuan * ten_yuan_in(currency) / 10 * 10 ** exponent(currency)
    return {
        "code": tier.code, "name_zh": tier.name_zh, "name_en": tier.name_en,
        "threshold": int(cents / _earning_unit(currency)), "color": tier.color,
        "benefits": {"earn_multiplier": tier.earn_multiplier},
    }  # fmt: skip


def _rule(task: StarterTask, currency: str, locale: str) -> dict[str, Any]:
    worth = task.worth_yuan * ten_yuan_in(currency) / 10
    return {
        "name": task.title_zh if locale.startswith("zh") else task.title_en,
        "trigger": task.trigger,
        "reward": {"kind": "fixed", "points": max(1, int(worth * points_per_unit(currency)))},
        "limits": {"per_member": {task.period: task.times}},
        "task": {
            "title_zh": task.title_zh, "title_en": task.title_en, "hint_zh": task.hint_zh,
            "hint_en": task.hint_en, "claim": "member", "link": task.link,
        },
    }  # fmt: skip


def welcome(worth_yuan: str) -> StarterTask:
    """The gift for joining, the same in every trade but for its size."""
    return StarterTask(
        "welcome", "member.registered", "入会礼", "Welcome gift", "成为会员即可领取。",
        "Yours for joining.", Decimal(worth_yuan),
    )  # fmt: skip


def profile(worth_yuan: str) -> StarterTask:
    """Thanks for telling who one is."""
    return StarterTask(
        "profile", "member.profile_completed", "完善个人资料", "Complete your profile",
        "填好姓名和生日，生日当天不错过祝福。",
        "Tell us your name and birthday, and we will think of you on the day.",
        Decimal(worth_yuan), link="/me",
    )  # fmt: skip


def review(
    worth_yuan: str, title_zh: str, title_en: str, hint_zh: str, hint_en: str
) -> StarterTask:
    """A review, three times a month at most; what is reviewed differs by trade."""
    return StarterTask(
        "review", "review.posted", title_zh, title_en, hint_zh, hint_en, Decimal(worth_yuan),
        period="month", times=3,
    )  # fmt: skip


def _fields(item: StarterItem, position: int, currency: str) -> dict[str, Any]:
    worth = item.worth_yuan * ten_yuan_in(currency) / 10
    return {
        "kind": item.kind, "status": "on_sale" if item.is_on_sale else "draft",
        "title_zh": item.title_zh, "title_en": item.title_en,
        "description_zh": item.description_zh, "description_en": item.description_en,
        "image": item.image, "price_points": int(worth * points_per_unit(currency)),
        "stock": 0 if item.kind == "goods" else None, "per_member_limit": item.limit,
        "position": position,
    }  # fmt: skip
