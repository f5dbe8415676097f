"""From a rule that matched to the item `earning_grant` judges and grants."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from kernel.ids import new_id
from kernel.money import exponent
from points.budget.calculations import expected_cost_micros
from points.earning.evaluation import Compiled, Judged, Money
from points.earning.queries import RuleSet
from points.earning.rules import Limits, RuleDocument
from points.ledger.actions import Grant
from points.ledger.queries import Payer
from points.program.calculations import idle_rule, living_until, return_window_end
from points.program.queries import ActiveProgram

# [period, most times or None, most points or None]
Count = tuple[str, int | None, int | None]
# [pot, cost of a point in the pot's measure, may it go below zero, reason when it refuses]
Draw = tuple[int, int, bool, str]


class Award(Grant, kw_only=True, frozen=True):
    """A grant with the limits and budgets it has to pass; `rule_id` None for base points.

    One with a `template` gives a coupon of it in the place of points (`amount` is 0 then); `coupon`
    is what issuing it takes, filled in when it is asked for.
    """

    day: date
    award_id: uuid.UUID | None = None
    rule_id: uuid.UUID | None = None
    version: int = 0
    is_claimable: bool = False
    counts: Sequence[Count] = ()
    pots: Sequence[Draw] = ()
    template: str = ""
    coupon: Mapping[str, Any] | None = None


class Awarded(msgspec.Struct, array_like=True, frozen=True):
    """What became of one item; `reason` names the limit that cut it."""

    points: int
    reason: str
    transaction_id: int | None
    is_new: bool
    is_same: bool
    left: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What grants come from: whose they are, when it happened, how the ledger names it.

    `waits`: an order, whose points wait as the programme says; `completed_at` of it, if it is.
    """

    member: uuid.UUID
    key: str
    occurred_at: datetime
    source_type: str
    source_id: uuid.UUID
    reference: str = ""
    waits: bool = False
    completed_at: datetime | None = None


class Granting(msgspec.Struct, frozen=True):
    """The programme and rules by which grants are made."""

    program: ActiveProgram
    rules: RuleSet
    money: Money

    def payer(self, code: str) -> Payer:
        """A payer by its code; the merchant pays for whoever has gone."""
        return self.rules.payers.get(code) or self.rules.payers["merchant"]


def granting_of(program: ActiveProgram, rules: RuleSet) -> Granting:
    """The programme and its rules as grants need them."""
    settings = program.settings
    money = Money(settings.face_value_points_per_unit, exponent(program.currency))
    return Granting(program, rules, money)


def plain_award(
    origin: Origin, points: int, part: str, granting: Granting, *, note: str = "",
    funding_source: str = "merchant",
) -> Grant:  # fmt: skip
    """Base points, or another grant that no rule limits: only the payer's budget stands before it."""
    payer = granting.payer(funding_source)
    fields = _fields(origin, points, part, payer, granting) | {"note": note}
    pots = _budget_of(payer, granting, is_base=part in ("", "base"))
    if not pots:
        return Grant(**fields)
    return Award(**fields, day=granting.program.calendar.day_of(origin.occurred_at), pots=pots)


def rule_award(origin: Origin, judged: Judged, granting: Granting) -> Award:
    """The grant of a rule that matched."""
    rule, document = judged.compiled.rule, judged.compiled.document
    payer = granting.payer(document.funding_source)
    fields = _fields(origin, judged.points, f"rule:{rule.code}", payer, granting, document)
    day = granting.program.calendar.day_of(origin.occurred_at)
    task = document.task
    return Award(
        **fields, day=day, award_id=new_id(), rule_id=rule.id, version=judged.compiled.number,
        is_claimable=task is not None and task.claim == "member",
        counts=counts_of(document.limits, day), pots=_pots_of(judged.compiled, payer, granting),
        note=document.told_name, template=judged.coupon,
    )  # fmt: skip


class ClaimTerms(msgspec.Struct, frozen=True):
    """What of a waiting award is settled only when it is claimed: the local day whose budget bears
    it, the pots of now, and how long its points live by the programme of now; or the `coupon`."""

    day: date
    pots: Sequence[Draw]
    expires_at: datetime | None
    idle_rule: str | None
    coupon: Mapping[str, Any] | None = None


def claim_terms(
    compiled: Compiled, waiting: Mapping[str, Any], at: datetime, granting: Granting
) -> ClaimTerms:
    """The terms of a claim at this moment of what a version of a rule gave; `waiting` is the grant
    as it was noted when it was earned."""
    program = granting.program
    noted = waiting.get("matures_at")
    ripe_at = max(at, datetime.fromisoformat(noted)) if noted else at
    payer = granting.payer(compiled.document.funding_source)
    return ClaimTerms(
        day=program.calendar.day_of(at), pots=_pots_of(compiled, payer, granting),
        expires_at=living_until(program.settings.expiry, at, ripe_at, program.calendar),
        idle_rule=idle_rule(program.settings.expiry, program.calendar),
    )  # fmt: skip


def rule_owner(rule_id: uuid.UUID) -> str:
    """The owner's name of the pot that holds a rule's total."""
    return f"rule:{rule_id}"


def counts_of(limits: Limits, day: date) -> list[Count]:
    """The periods a rule's limits per member are counted in, for an occasion on this local day."""
    names = period_keys(day)
    times, points = limits.per_member, limits.per_member_points
    counts = [(key, getattr(times, name), getattr(points, name)) for name, key in names.items()]
    return [one for one in counts if one[1] is not None or one[2] is not None]


@lru_cache(maxsize=1_024)
def period_keys(day: date) -> Mapping[str, str]:
    """Under what the counts of the day, week, month and of all time are kept."""
    year, week, _ = day.isocalendar()
    return {
        "day": f"d{day}", "week": f"w{year}-{week:02d}", "month": f"m{day:%Y-%m}", "ever": "e",
    }  # fmt: skip


def _pots_of(compiled: Compiled, payer: Payer, granting: Granting) -> list[Draw]:
    """The payer's budget, and what all members get together; none for a coupon, which costs its
    payer when it is used."""
    if compiled.document.reward.template is not None:
        return []
    pots = _budget_of(payer, granting, is_base=False)
    total = granting.rules.pots.get(rule_owner(compiled.rule.id))
    if total is not None and compiled.document.limits.total_points is not None:
        return [*pots, (total.id, 1, False, "total")]
    return pots


def matures_at(
    origin: Origin, program: ActiveProgram, document: RuleDocument | None = None
) -> datetime | None:
    """From when points can be spent: as the rule says, or else the programme if they are an order's.

    None: with the end of the return window of an order that is not completed yet.
    """
    earning = program.settings.earning
    pending: str = earning.pending if origin.waits else "days"
    days = earning.pending_days if origin.waits else 0
    if document is not None and document.pending is not None:
        pending = document.pending
    elif document is not None and document.pending_days is not None:
        pending = "days"
    if document is not None and document.pending_days is not None:
        days = document.pending_days
    if pending == "days":
        return origin.occurred_at + timedelta(days=days)
    if origin.completed_at is None:
        return None
    return return_window_end(earning.return_window_days, origin.completed_at, program.calendar)


def _fields(
    origin: Origin, points: int, part: str, payer: Payer, granting: Granting,
    document: RuleDocument | None = None,
) -> dict[str, Any]:  # fmt: skip
    program, at = granting.program, origin.occurred_at
    ripe_at = matures_at(origin, program, document)
    return {
        "member": origin.member,
        "amount": points,
        "key": f"{origin.key}:{part}" if part else origin.key,
        "occurred_at": at,
        "matures_at": ripe_at,
        "is_waiting": ripe_at is None,
        "expires_at": living_until(program.settings.expiry, at, ripe_at, program.calendar),
        "idle_rule": idle_rule(program.settings.expiry, program.calendar),
        "funding_source_id": payer.id,
        "account": f"issuance:{payer.code}",
        "unit_cost_micros": payer.unit_cost_micros,
        "source_type": origin.source_type,
        "source_id": origin.source_id,
        "reference": origin.reference,
    }


def base_draws(granting: Granting, *, is_base: bool) -> list[Draw]:
    """The budget that base points (or, not `is_base`, the tier's part) come out of."""
    return _budget_of(granting.payer("merchant"), granting, is_base=is_base)


def rule_draws(compiled: Compiled, granting: Granting) -> list[Draw]:
    """The budget and the total that a rule's points come out of."""
    return _pots_of(compiled, granting.payer(compiled.document.funding_source), granting)


def _budget_of(payer: Payer, granting: Granting, *, is_base: bool) -> list[Draw]:
    pot = granting.rules.pots.get(f"funding:{payer.id}")
    if pot is None:
        return []
    cost = 1
    if pot.measure == "cost":
        cost = expected_cost_micros(
            unit_cost_micros=payer.unit_cost_micros,
            points_per_unit=granting.money.points_per_unit, digits=granting.money.digits,
        )  # fmt: skip
    forced = pot.on_limit == "alert" or (pot.on_limit == "stop_bonus" and is_base)
    return [(pot.id, cost, forced, "budget")]
