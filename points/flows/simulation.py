"""One order or event tried against the rules of now and a draft; nothing is written.

Unlike a back-test it takes limits and budgets as they stand: what the member had already counts.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from kernel.shapes import LARGEST_AMOUNT
from points.budget.queries import list_usage
from points.coupons.queries import find_refusals
from points.earning.awards import counts_of, rule_owner
from points.earning.calculations import Earned
from points.earning.evaluation import Judged
from points.earning.facts import PROPERTIES, MemberFacts
from points.earning.order_earnings import moment_of
from points.earning.queries import COUPON_REFUSED, get_member_facts, list_counts
from points.flows.events_received import judge_event
from points.insights.backtest.proposal import Proposal, Side
from points.insights.backtest.replay import Gain, PastOrder, SideReplay
from points.insights.backtest.running import sides_of

# Stands for somebody who is no member yet.
NOBODY = uuid.UUID(int=0)


class SupposedMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member who does not exist, as conditions would see one."""

    tier: str | None = None
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    orders_count: int = 0
    spent_cents: int = 0
    birthday: date | None = None


class Tried(msgspec.Struct, frozen=True):
    """A rule, what it would give after limits and budgets, and which of them cut it."""

    judged: Judged
    points: int
    reason: str


class Simulated(msgspec.Struct, frozen=True):
    """One side: base points and the tier's part (orders only), each rule of the trigger, and how
    many coupons they give."""

    points: int
    coupons: int
    base: Earned | None
    base_points: int
    tier: str | None
    tier_points: int
    rules: tuple[Tried, ...]


class Simulation(msgspec.Struct, frozen=True):
    """Both sides of a trial."""

    live: Simulated
    draft: Simulated


def simulate_order(
    *, order: PastOrder, proposal: Proposal, member: uuid.UUID | SupposedMember, at: datetime
) -> Simulation:
    """What an order placed now would earn. About fifteen queries. Raises ProposalInvalid,
    ConditionInvalid."""

    def one(side: Side) -> Simulated:
        facts = _facts(side, ("order.paid", "order.completed"), member, at)
        replay = SideReplay(side)
        buyer = member if isinstance(member, uuid.UUID) else NOBODY
        _load(replay, buyer, at)
        moment = moment_of(
            is_new=True, status=order.status, placed_at=at,
            completed_at=at if order.status == "completed" else None,
            grant_on=side.settings.earning.grant_on,
        )  # fmt: skip
        bought = msgspec.structs.replace(order, member_id=str(buyer))
        weighed = replay.weigh(bought, moment, facts)
        gains, earned = replay.earn(bought, weighed, explain=True)
        return _simulated(
            gains, earned.judged, member=buyer, at=at,
            base=earned.base if moment.has_base else None, facts=facts,
        )  # fmt: skip

    return _both(one, proposal, at)


def simulate_event(
    *,
    trigger: str,
    properties: Mapping[str, object],
    proposal: Proposal,
    member: uuid.UUID | SupposedMember,
    at: datetime,
) -> Simulation:
    """What an event or a check-in that happens now would earn. Raises as `simulate_order`.

    Properties of a check-in are `streak` and `total`.
    """
    prefix = "checkin." if trigger == "checkin" else PROPERTIES
    amount = properties.get("amount_cents")
    is_amount = isinstance(amount, int) and 0 <= amount <= LARGEST_AMOUNT

    def one(side: Side) -> Simulated:
        replay, calendar = SideReplay(side), side.granting.program.calendar
        buyer = member if isinstance(member, uuid.UUID) else NOBODY
        _load(replay, buyer, at)
        judged = judge_event(
            trigger, at, {f"{prefix}{name}": value for name, value in properties.items()},
            _facts(side, (trigger,), member, at), side.granting,
            amount_cents=int(str(amount)) if is_amount else 0,
        )  # fmt: skip
        gains = [
            replay.by_rule(str(buyer), found, calendar.day_of(at))
            for found in judged
            if found.outcome == "planned"
        ]
        return _simulated(gains, judged, member=buyer, at=at, base=None, facts=None)

    return _both(one, proposal, at)


def _both(one: Callable[[Side], Simulated], proposal: Proposal, at: datetime) -> Simulation:
    live, draft = sides_of(proposal, at=at)
    return Simulation(one(live), one(draft))


def _simulated(
    gains: Sequence[Gain], judged: Sequence[Judged], *, member: uuid.UUID, at: datetime,
    base: Earned | None, facts: MemberFacts | None,
) -> Simulated:  # fmt: skip
    _refuse_coupons(gains, judged, member, at)
    by_source = {gain.source: gain for gain in gains}
    rules = []
    for one in judged:
        gain = by_source.get(one.compiled.rule.code)
        is_planned = one.outcome == "planned" and gain is not None
        rules.append(
            Tried(one, gain.points, gain.reason) if is_planned and gain else Tried(one, 0, "")
        )  # fmt: skip
    of = {name: gain.points for name, gain in by_source.items()}
    return Simulated(
        points=sum(gain.points for gain in gains), coupons=sum(gain.coupons for gain in gains),
        base=base, base_points=of.get("base", 0),
        tier=facts.tier if facts else None, tier_points=of.get("tier", 0), rules=tuple(rules),
    )  # fmt: skip


def _refuse_coupons(
    gains: Sequence[Gain], judged: Sequence[Judged], member: uuid.UUID, at: datetime
) -> None:
    """Coupons that would not be issued now are noted so. No query where no rule gives one."""
    templates = {one.compiled.rule.code: one.coupon for one in judged if one.coupon}
    refused = find_refusals(codes=templates.values(), member=member, at=at)
    for gain in gains:
        why = refused.get(templates.get(gain.source, ""))
        if gain.coupons and why:
            gain.coupons, gain.reason = 0, f"{COUPON_REFUSED}{why}"


def _load(replay: SideReplay, member: uuid.UUID, at: datetime) -> None:
    """What the member had of each rule, and what is left of each budget. Two queries."""
    granting = replay.granting
    day = granting.program.calendar.day_of(at)
    rules = granting.rules.live(at)
    counts = list_counts(member=member, rules=[rule.id for rule, _ in rules])
    for rule, document in rules:
        for period, _, _ in counts_of(document.limits, day):
            had = counts.get((rule.id, period))
            if had is not None:
                replay.allowances.count_before(str(member), rule.code, period, *had)
    totals = {
        rule_owner(rule.id): document.limits.total_points
        for rule, document in rules
        if document.limits.total_points is not None
    }
    pots = granting.rules.pots
    for owner, usage in list_usage(owners=list(pots), day=day).items():
        # A total that a draft changes is used up as far as it was.
        left = usage.left if owner not in totals else totals[owner] - usage.used
        replay.allowances.set_left(pots[owner].id, day, left)


def _facts(
    side: Side, triggers: Sequence[str], member: uuid.UUID | SupposedMember, at: datetime
) -> MemberFacts | None:
    """The member as rules see one, on the tier as this side has it."""
    program, rules = side.granting.program, side.granting.rules
    if isinstance(member, SupposedMember):
        found = MemberFacts(
            tags=list(member.tags), orders_count=member.orders_count,
            spent_cents=member.spent_cents, joined_at=at, birthday=member.birthday,
            has_phone=False, has_email=False, tier=member.tier,
            segments=frozenset(member.segments),
        )  # fmt: skip
    else:
        facts = get_member_facts(
            members=[member], rules=rules, triggers=triggers, program=program, at=at
        )
        if member not in facts:
            return None
        found = facts[member]
    level = side.level(found.tier) if program.settings.tiers.is_on else None
    if level is None:
        return msgspec.structs.replace(found, tier=None, multiplier=Decimal(1))
    return msgspec.structs.replace(
        found, tier=level.code, tier_name=level.code, multiplier=level.multiplier
    )
