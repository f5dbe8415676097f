"""The first page: figures of a period."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from points.insights import queries as insights
from points.insights.calculations import make_period
from points.insights.errors import PeriodInvalid
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import READING
from points.interfaces.console.lists.orders import latest_orders
from points.interfaces.console.schemas.orders import DashboardOut, DashboardQuery
from points.interfaces.console.views.orders import rows_of
from points.program.queries import get_program

USUAL_DAYS = 90
ORDERS_SHOWN = 6


class DashboardView(ConsoleEndpoint):
    """What was issued, spent and lost, what is outstanding, and what came in last."""

    @operation(
        summary="Get the dashboard",
        description="Business days of the merchant; each figure with the period before it."
        " Six queries: programme, flows, activity, orders with members and lots.",
        query=DashboardQuery,
        answers={200: DashboardOut},
        refuses=[PeriodInvalid, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, query: DashboardQuery) -> DashboardOut:
        program, now = get_program(), clock.now()
        period = make_period(
            query.first,
            query.last,
            today=program.calendar.day_of(now),
            usual_days=USUAL_DAYS,
        )
        found = insights.dashboard(period=period, program=program)
        latest = latest_orders(limit=ORDERS_SHOWN) if self.staff.may("orders:read") else []
        return DashboardOut(
            first=found.first, last=found.last, currency=found.currency, figures=found.figures,
            series=found.series, latest_orders=rows_of(latest, at=now),
        )  # fmt: skip
