"""Who was invited has ordered, and keeps what was ordered: both sides get their reward (rules.md §11).

A job, not a step of taking orders: the reward comes when the return window closes, and until then
nothing is known that would not be known later. In order, in one transaction: the orders are locked,
as refunds lock them · what was kept is judged · points are granted within the payer's budget
(`earning`) · the referrals are closed (`referral`). Exactly once by the keys of the ledger.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from kernel import outbox
from kernel.db import ask, connection
from points.earning import actions as earning
from points.earning.awards import Granting, Origin, granting_of, plain_award
from points.earning.queries import ask_rules
from points.flows.occasions import Occurrence, happen
from points.ledger.actions import Grant
from points.members.errors import MemberMerged
from points.members.models import Member
from points.orders.models import Order, OrderLine
from points.program.calculations import ReferralRule, return_window_end
from points.program.queries import ActiveProgram, ask_program, get_program
from points.redemption.models import Redemption
from points.referral import actions, queries
from points.referral.calculations import is_same_email, is_same_phone, kept_of_order
from points.referral.models import Referral
from points.shop.order_models import ShopOrder

TRIGGER = "referral.qualified"
BATCH = 200
_TRY = (
    "select pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' referral rewards', 0))"
)
# Orders of open referrals that were placed in time, oldest first; `waits`: not completed, or still
# returnable.
_ORDERS = """
select r.id as referral_id, o.id as order_id,
       o.status <> 'completed' or o.completed_at >= %(returnable)s as waits
  from referral_referral r
  join orders_order o on o.member_id = r.member_id and o.placed_at >= r.claimed_at
       and o.placed_at <= r.claimed_at + %(window)s
 where r.status in ('joined', 'ordered') and r.id = any(%(referrals)s::uuid[])
 order by r.id, o.placed_at, o.id
"""
# Open referrals with something to decide: an order beyond return, or no time left to order.
_DUE = """
select r.id from referral_referral r
 where r.status in ('joined', 'ordered') and r.id > %(after)s
   and (r.claimed_at + %(window)s < %(at)s or exists (
         select 1 from orders_order o where o.member_id = r.member_id and o.status = 'completed'
            and o.placed_at >= r.claimed_at and o.placed_at <= r.claimed_at + %(window)s
            and o.completed_at < %(returnable)s))
 order by r.id limit %(batch)s
"""
_UNTOLD = """
select r.id, r.inviter_id, r.decided_at from referral_referral r
  join members_member m on m.id = r.inviter_id and m.erased_at is null
 where r.status = 'rewarded' and r.decided_at between %s and %s
   and not exists (select 1 from earning_earningevent e
                    where e.external_id = 'referral.qualified:' || r.id)
 order by r.id limit %s
"""


class _Candidate(msgspec.Struct, frozen=True):
    """An open referral and the orders it may be rewarded for."""

    referral: Referral
    orders: Sequence[Order]
    waits: bool


def reward_due(*, at: datetime) -> int:
    """Reward or end every referral that is due by `at`; how many were decided."""
    program = get_program()
    if not program.settings.referral.is_on:
        return 0
    actions.mark_ordered(at=at)
    done, after = 0, uuid.UUID(int=0)
    while (found := _look(program, after, at)) is not None:
        done, after = done + found[0], found[1]
    return done + _tell_rules(at)


def _look(program: ActiveProgram, after: uuid.UUID, at: datetime) -> tuple[int, uuid.UUID] | None:
    """One batch behind `after`: (how many were decided, the last looked at); None at the end."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TRY)
            if not cursor.fetchone()[0]:
                return None  # somebody else is at it
            cursor.execute(_DUE, {**_window(program, at), "after": after, "batch": BATCH})
            ids = [row[0] for row in cursor.fetchall()]
            return (_decide(ids, program, at), ids[-1]) if ids else None
    except MemberMerged:
        return None  # one of them while we were looking: the next run sees who it is now


def _window(program: ActiveProgram, at: datetime) -> dict[str, object]:
    settings, calendar = program.settings, program.calendar
    returnable = calendar.start_of(
        calendar.day_of(at) - timedelta(days=settings.earning.return_window_days)
    )
    return {
        "at": at, "returnable": returnable,
        "window": timedelta(days=settings.referral.order_within_days),
    }  # fmt: skip


def _decide(ids: Sequence[uuid.UUID], program: ActiveProgram, at: datetime) -> int:
    _, rules = ask(ask_program(), ask_rules())
    candidates = _candidates(ids, program, at)
    lines = _lines_of([order for one in candidates for order in one.orders])
    chosen = [(one.referral, _kept(one, lines, program.settings.referral)) for one in candidates]
    members = _members([one.referral for one in candidates])
    granting = granting_of(program, rules)
    rewarded = [(row, order) for row, order in chosen if order is not None]
    rewarded.sort(key=lambda pair: (pair[1].completed_at, pair[0].pk))
    _reward(rewarded, members, granting, at)
    for one in candidates:
        if one.referral.status in Referral.OPEN and not one.waits:
            _end(one, program, at)
    closed = [one.referral for one in candidates if one.referral.status not in Referral.OPEN]
    return actions.close_referrals(rows=closed) if closed else 0


def _candidates(ids: Sequence[uuid.UUID], program: ActiveProgram, at: datetime) -> list[_Candidate]:
    """With their orders, locked in order of id: three queries for a batch."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {**_window(program, at), "referrals": list(ids)})
        found = cursor.fetchall()
    wanted = [order for _, order, waits in found if not waits]
    orders = {
        row.pk: row
        for row in Order.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    }
    rows = Referral.objects.filter(pk__in=ids, status__in=Referral.OPEN).order_by("pk")
    return [
        _Candidate(
            row, [orders[order] for own, order, waits in found if own == row.pk and not waits],
            any(waits for own, _, waits in found if own == row.pk),
        )
        for row in rows
    ]  # fmt: skip


def _lines_of(orders: Sequence[Order]) -> Mapping[uuid.UUID, list[OrderLine]]:
    lines: dict[uuid.UUID, list[OrderLine]] = {order.pk: [] for order in orders}
    for line in OrderLine.objects.filter(order_id__in=list(lines)).order_by("position"):
        lines[line.order_id].append(line)
    return lines


def _kept(
    one: _Candidate, lines: Mapping[uuid.UUID, list[OrderLine]], rule: ReferralRule
) -> Order | None:
    """The first order of which enough was kept; nothing that was sent back in full counts."""
    for order in one.orders:
        kept = kept_of_order(
            lines[order.pk], discount_cents=order.discount_cents, offset_cents=order.offset_cents
        )
        is_there = any(line.refunded_cents < line.amount_cents for line in lines[order.pk])
        if is_there and kept >= rule.min_order_cents:
            return order
    return None


def _members(rows: Sequence[Referral]) -> Mapping[uuid.UUID, Member]:
    ids = {one for row in rows for one in (row.member_id, row.inviter_id) if one}
    return {member.pk: member for member in Member.objects.filter(pk__in=ids)}


def _reward(
    pairs: Sequence[tuple[Referral, Order]], members: Mapping[uuid.UUID, Member],
    granting: Granting, at: datetime,
) -> None:  # fmt: skip
    """Points for both sides of each, one call for all; the rows say what was really given."""
    _date(pairs, granting.program)
    _judge([row for row, _ in pairs], members, granting.program)
    rewarded = [row for row, _ in pairs if row.status == Referral.Status.REWARDED]
    grants = [one for row in rewarded for one in _grants_for(row, members, granting)]
    awarded = earning.award(items=[grant for *_, grant in grants], at=at, actor="job")
    for (row, side, _), given in zip(grants, awarded, strict=True):
        setattr(row, f"{side}_points", given.points)
    outbox.tell_each(topic=TRIGGER, told=[_told(row) for row in rewarded], at=at)


def _date(pairs: Sequence[tuple[Referral, Order]], program: ActiveProgram) -> None:
    """A reward is dated when the window closed, however late the job comes."""
    days = program.settings.earning.return_window_days
    for row, order in pairs:
        assert order.completed_at is not None
        row.order_id = order.pk
        row.decided_at = return_window_end(days, order.completed_at, program.calendar)


def _judge(
    rows: Sequence[Referral], members: Mapping[uuid.UUID, Member], program: ActiveProgram
) -> None:
    """Whether each is rewarded, and why its inviter gets nothing if so."""
    addresses, counted = _addresses(rows), _count_rewards(rows, program)
    limit = program.settings.referral.inviter_monthly_rewards
    for row in rows:
        inviter, member = members[_inviter(row)], members[row.member_id]
        if _is_one_person(inviter, member, addresses):
            row.status, row.reason = Referral.Status.ENDED, "same_contact"
            continue
        row.status = Referral.Status.REWARDED
        month = inviter.pk, _month(row.decided_at, program)
        if inviter.erased_at:
            row.reason = "inviter_gone"
        elif limit is not None and counted[month] >= limit:
            row.reason = "monthly_limit"
        else:
            counted[month] += 1


def _grants_for(
    row: Referral, members: Mapping[uuid.UUID, Member], granting: Granting
) -> list[tuple[Referral, str, Grant]]:
    rule = granting.program.settings.referral
    sides = [("invitee", row.member_id, rule.invitee_points, "invited")]
    if not row.reason:
        sides.append(("inviter", _inviter(row), rule.inviter_points, "referral"))
    assert row.decided_at is not None
    return [
        (row, side, plain_award(
            Origin(
                member=who, key=f"referral:{row.pk}", occurred_at=row.decided_at,
                source_type=source, source_id=row.pk,
            ), points, side, granting, funding_source=rule.funding_source,
        ))
        for side, who, points, source in sides
        if points and members[who].erased_at is None
    ]  # fmt: skip


def _inviter(row: Referral) -> uuid.UUID:
    assert row.inviter_id is not None
    return row.inviter_id


def _month(moment: datetime | None, program: ActiveProgram) -> date:
    assert moment is not None
    return program.calendar.day_of(moment).replace(day=1)


def _count_rewards(
    rows: Sequence[Referral], program: ActiveProgram
) -> Counter[tuple[uuid.UUID, date]]:
    """Rewards inviters got already, by local month. One query."""
    if not rows:
        return Counter()
    first = min(_month(row.decided_at, program) for row in rows)
    earlier = queries.list_rewards(
        inviters=[_inviter(row) for row in rows], since=program.calendar.start_of(first)
    )
    return Counter((inviter, _month(moment, program)) for inviter, moment in earlier)


def _addresses(rows: Sequence[Referral]) -> Mapping[uuid.UUID, set[str]]:
    """Where members had things sent, from the mall and from the shop: two queries, of indexes by
    member. Where an order went that nobody paid says nothing."""
    ids = {one for row in rows for one in (row.member_id, row.inviter_id) if one}
    found: dict[uuid.UUID, set[str]] = {one: set() for one in ids}
    mall = Redemption.objects.filter(member_id__in=ids, address__isnull=False)
    shop = ShopOrder.objects.filter(member_id__in=ids, address__isnull=False, paid_at__isnull=False)
    for member, address in (
        *mall.order_by().values_list("member_id", "address").distinct(),
        *shop.order_by().values_list("member_id", "address").distinct(),
    ):
        address = address or {}
        text = "".join(f"{address.get('region', '')}{address.get('line', '')}".lower().split())
        found[member] |= {text} if text else set()
    return found


def _is_one_person(
    inviter: Member, member: Member, addresses: Mapping[uuid.UUID, set[str]]
) -> bool:
    """Contacts may have been added since the code was taken: they are looked at once more."""
    return (
        is_same_phone(inviter.phone, member.phone)
        or is_same_email(inviter.email, member.email)
        or bool(addresses[inviter.pk] & addresses[member.pk])
    )


def _end(one: _Candidate, program: ActiveProgram, at: datetime) -> None:
    """Nothing that was ordered in time was kept, and no time is left."""
    row = one.referral
    last = row.claimed_at + timedelta(days=program.settings.referral.order_within_days)
    if at > last:
        row.status, row.decided_at = Referral.Status.ENDED, last
        row.reason = "not_kept" if one.orders else "no_order"


def _told(row: Referral) -> tuple[str, dict[str, Any]]:
    """Whom an event is about, and what it says."""
    return str(row.member_id), {
        "referral_id": str(row.pk), "member_id": str(row.member_id),
        "inviter_id": str(row.inviter_id), "inviter_points": row.inviter_points,
        "invitee_points": row.invitee_points,
    }  # fmt: skip


def _tell_rules(at: datetime) -> int:
    """Rules that wait for `referral.qualified` judge the inviter: an event of its own for each
    referral, so that what they give is explained and limited like all they give."""
    (rules,) = ask(ask_rules())
    if TRIGGER not in rules.triggers:
        return 0
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_UNTOLD, [rules.first_moment(TRIGGER), at, BATCH])
            found = [Occurrence(who, str(pk), when) for pk, who, when in cursor.fetchall()]
            new = happen(trigger=TRIGGER, occurrences=found, at=at, actor="job") if found else 0
        done += new
        if not new:
            return done
