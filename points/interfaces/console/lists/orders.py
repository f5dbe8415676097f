"""The list of orders."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from kernel.api.pages import cut, decode_cursor
from kernel.clock import Calendar
from kernel.shapes import Moment
from points.insights.calculations import check_days
from points.interfaces.console.lists.searching import member_condition, starts_with
from points.interfaces.console.schemas.common import MemberRef
from points.interfaces.console.schemas.orders import OrderQuery
from points.ledger.models import Lot
from points.members.queries import list_names
from points.orders.models import Order


def list_orders(
    *,
    query: OrderQuery,
    calendar: Calendar,
    sees_contacts: bool,
    member: uuid.UUID | None = None,
) -> tuple[Sequence[Order], str | None]:
    """Newest first, of one member or of all. One query. Raises PeriodInvalid, InvalidCursor.

    The search looks at the beginning of the order's number and at who bought.
    """
    orders = _filtered(Order.objects.all(), query, calendar)
    if member is not None:
        orders = orders.filter(member_id=member)
    if q := query.q.strip():
        of_member, values = member_condition(q, sees_contacts=sees_contacts)
        orders = orders.extra(
            where=[
                "(orders_order.external_id like %s or orders_order.member_id in"
                f" (select m.id from members_member m where {of_member}))"
            ],
            params=[starts_with(q), *values],
        )
    after = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
    if after is not None:
        orders = orders.extra(
            where=["(orders_order.placed_at, orders_order.id) < (%s, %s)"], params=list(after)
        )
    rows = list(orders.order_by("-placed_at", "-id")[: query.limit + 1])
    return cut(rows, query.limit, lambda row: (row.placed_at, row.pk))


def latest_orders(*, limit: int) -> list[Order]:
    """The newest orders. One query."""
    return list(Order.objects.order_by("-placed_at", "-id")[:limit])


def points_pending(*, orders: Iterable[Order], at: datetime) -> dict[uuid.UUID, int]:
    """Order → points it earned that are not spendable yet. One query."""
    lots = Lot.objects.filter(source_id__in=[order.pk for order in orders], is_mature=False).filter(
        Q(matures_at__gt=at) | Q(matures_at=None)
    )
    sums = (
        lots.values("source_id")
        .annotate(points=Sum("remaining"))
        .values_list("source_id", "points")
    )
    return {source: points for source, points in sums if source is not None}


def name_members(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, MemberRef]:
    """Member's id → how rows of other lists name the member. One query."""
    return {
        pk: MemberRef(id=pk, external_id=number, name=name or None)
        for pk, (number, name) in list_names(members=ids).items()
    }


def _filtered(orders: QuerySet[Order], query: OrderQuery, calendar: Calendar) -> QuerySet[Order]:
    """By what the list calls the status, and by business days."""
    is_refunded = Q(refunded_cents__gt=0) | Q(points_returned__gt=0)
    if query.status == "refunded":
        orders = orders.filter(is_refunded)
    elif query.status is not None:
        orders = orders.filter(~is_refunded, status=query.status)
    check_days(query.first, query.last)
    if query.first is not None:
        orders = orders.filter(placed_at__gte=calendar.start_of(query.first))
    if query.last is not None:
        orders = orders.filter(placed_at__lt=calendar.end_of(query.last))
    return orders
