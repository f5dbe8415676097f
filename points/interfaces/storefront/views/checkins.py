"""The member's own check-ins."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, NotSignedIn
from points.checkin.actions import make_up
from points.checkin.errors import AlreadyCheckedIn, DayNotOpen, NoCardLeft
from points.checkin.queries import get_overview
from points.flows.member_checked_in import check_member_in
from points.interfaces import checkin_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint
from points.ledger.errors import InsufficientPoints


class CheckIns(MemberEndpoint):
    """The calendar, and today's tap. Reading takes 7 queries."""

    @operation(
        summary="Look at my check-ins",
        query=shapes.MonthQuery,
        answers={200: shapes.CheckInOverviewOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request, query: shapes.MonthQuery) -> shapes.CheckInOverviewOut:
        month = shapes.first_of(query.month)
        return shapes.overview(get_overview(member=self.member, month=month, at=clock.now()))

    @operation(
        summary="Check in",
        answers={201: shapes.CheckInOut},
        refuses=[NotSignedIn, CsrfFailed, AlreadyCheckedIn, KeyReused],
        idempotency_key="optional",
    )
    def post(self, request: Request) -> shapes.CheckInOut:
        return shapes.check_in(
            check_member_in(member_id=self.member.pk, at=clock.now(), actor=self.actor)
        )


class MakeUps(MemberEndpoint):
    """A missed day of mine, filled later."""

    @operation(
        summary="Make up for a missed day",
        body=shapes.MakeUpIn,
        answers={201: shapes.CheckInOut},
        refuses=[
            NotSignedIn, CsrfFailed, AlreadyCheckedIn, DayNotOpen, NoCardLeft, InsufficientPoints,
            KeyReused,
        ],
        idempotency_key="optional",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MakeUpIn) -> shapes.CheckInOut:
        made = make_up(member_id=self.member.pk, day=body.date, at=clock.now(), actor=self.actor)
        return shapes.check_in(made)
