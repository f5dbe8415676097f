"""An order is completed: it earns what it has not earned at its payment, and points that waited for
the return window get their date."""

from datetime import datetime

import msgspec
from django.db import transaction

from kernel.db import ask
from points.earning import actions as earning
from points.earning.awards import Origin, granting_of
from points.earning.facts import MemberFacts
from points.earning.order_earnings import moment_of
from points.earning.queries import RuleSet, ask_rules, get_member_facts
from points.earning.rules import ORDER_TRIGGERS
from points.flows import commission, growth
from points.flows.order_earnings import order_key, plan_order
from points.flows.order_refunded import settle_waiting_refunds
from points.ledger.maturing import Maturity, ask_to_set_maturity
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.models import Order
from points.program.calculations import expires_at, return_window_end
from points.program.queries import ActiveProgram, ask_program, get_program


@transaction.atomic
def complete_order(
    *,
    external_id: str,
    completed_at: datetime,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Order:
    """A paid order is completed: it earns now, less what was refunded meanwhile.

    Completed before: nothing happens again. Raises OrderNotFound, OrderAmbiguous.
    """
    order = order_queries.get_order(external_id=external_id, channel=channel, lock=True)
    if order.status == Order.Status.COMPLETED:
        return order
    orders.mark_completed(order=order, completed_at=completed_at)
    _earn(order, at=at, actor=actor)
    settle_waiting_refunds(order=order, at=at, actor=actor)
    growth.follow_completion(order=order, at=at, actor=actor)
    commission.note_orders(order_ids=[order.pk], program=get_program())
    return order


def _earn(order: Order, *, at: datetime, actor: str) -> None:
    """Base points, unless they came with the payment, and what rules give at the completion."""
    program, rules = ask(ask_program(), ask_rules())
    _date_waiting(order, program, at=at)
    member = _buyer(order, program, rules, at)
    lines = order_queries.list_lines(order_id=order.pk)
    moment = moment_of(
        is_new=False, status=order.status, placed_at=order.placed_at,
        completed_at=order.completed_at, grant_on=program.settings.earning.grant_on,
    )  # fmt: skip
    moment = msgspec.structs.replace(moment, has_base=order.granted_at is None)
    origin = Origin(
        member=order.member_id, key=order_key(order.channel, order.external_id),
        occurred_at=moment.occurred_at, source_type="order", source_id=order.pk,
        reference=order.external_id, waits=True, completed_at=order.completed_at,
    )  # fmt: skip
    plan = plan_order(
        order, lines, moment, origin, granting_of(program, rules),
        offset_cents=order.offset_cents, member=member,
    )  # fmt: skip
    awarded = earning.award(items=plan.grants, at=at, actor=actor)
    points, line_points = plan.settled(awarded, len(lines))
    orders.add_earned(
        order=order, points=points, line_points=line_points, evaluation=plan.evaluation or {}, at=at
    )


def _date_waiting(order: Order, program: ActiveProgram, *, at: datetime) -> None:
    """What was given for the payment, and waits for the return window, gets its date."""
    assert order.completed_at is not None
    settings, calendar = program.settings, program.calendar
    closes_at = return_window_end(settings.earning.return_window_days, order.completed_at, calendar)
    dated = Maturity(order.pk, closes_at, expires_at(settings.expiry, closes_at, calendar))
    ask(
        ask_to_set_maturity(dates=[dated], at=at),
        earning.ask_to_date_awards(order_id=order.pk, matures_at=closes_at),
    )


def _buyer(
    order: Order, program: ActiveProgram, rules: RuleSet, at: datetime
) -> MemberFacts | None:
    """The buyer as rules see one: as it stood before this order, however late that is completed."""
    facts = get_member_facts(
        members=[order.member_id], rules=rules, triggers=ORDER_TRIGGERS[1:], program=program, at=at
    )
    found = facts.get(order.member_id)
    if found is None:
        return None
    count, spent = order_queries.sum_before(order=order)
    return msgspec.structs.replace(found, orders_count=count, spent_cents=spent)
