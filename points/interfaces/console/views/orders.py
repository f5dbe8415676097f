"""Orders, and why they earned what they earned."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.problems import InvalidCursor
from points.insights.errors import PeriodInvalid
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import READING
from points.interfaces.console.lists import orders as lists
from points.interfaces.console.schemas.orders import OrderItems, OrderOut, OrderQuery, OrderRow
from points.interfaces.finding import require_id
from points.orders.errors import OrderNotFound
from points.orders.models import Order, Refund
from points.orders.queries import list_lines
from points.program.queries import get_program


class Orders(ConsoleEndpoint):
    """All orders."""

    @operation(
        summary="List orders, newest first",
        description="Four queries: programme, orders, members, lots.",
        query=OrderQuery,
        answers={200: OrderItems},
        refuses=[InvalidCursor, PeriodInvalid, *READING],
        scope="orders:read",
    )
    def get(self, request: Request, query: OrderQuery) -> OrderItems:
        return answer_list(query, sees_contacts=self.staff.may("members:write"))


class OrderView(ConsoleEndpoint):
    """One order."""

    @operation(
        summary="Get an order with its explanation",
        description="Five queries: order, member, lots, lines, refunds.",
        answers={200: OrderOut},
        refuses=[OrderNotFound, *READING],
        scope="orders:read",
    )
    def get(self, request: Request, order_id: str) -> OrderOut:
        order = _find_order(order_id)
        buyer = lists.name_members([order.member_id]).get(order.member_id)
        pending = lists.points_pending(orders=[order], at=clock.now())
        return rendering.order(
            order,
            buyer or rendering.unknown_member(order.member_id),
            pending.get(order.pk, 0),
            list_lines(order_id=order.pk),
            list(Refund.objects.filter(order=order).order_by("refunded_at", "id")),
        )


def answer_list(
    query: OrderQuery, *, sees_contacts: bool, member: uuid.UUID | None = None
) -> OrderItems:
    """A page of orders, of one member or of all."""
    page, following = lists.list_orders(
        query=query, calendar=get_program().calendar, sees_contacts=sees_contacts, member=member
    )
    return OrderItems(items=rows_of(page, at=clock.now()), next=following)


def rows_of(page: Sequence[Order], *, at: datetime) -> list[OrderRow]:
    """Orders as rows of a list: two queries for any number of them."""
    if not page:
        return []
    buyers = lists.name_members(order.member_id for order in page)
    pending = lists.points_pending(orders=page, at=at)
    return [
        rendering.order_row(
            order,
            buyers.get(order.member_id) or rendering.unknown_member(order.member_id),
            pending.get(order.pk, 0),
        )
        for order in page
    ]


def _find_order(order_id: str) -> Order:
    found = Order.objects.filter(pk=require_id(order_id, OrderNotFound)).first()
    if found is None:
        raise OrderNotFound()
    return found
