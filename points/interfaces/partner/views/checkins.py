"""Check-in, and making up for a missed day."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.checkin.actions import make_up
from points.checkin.errors import AlreadyCheckedIn, DayNotOpen, NoCardLeft
from points.checkin.queries import get_overview
from points.flows.member_checked_in import check_member_in
from points.interfaces import checkin_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import InsufficientPoints
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id


class CheckIns(PartnerEndpoint):
    """A member's days."""

    @operation(
        summary="Look at a member's check-ins",
        description="A month of days, the streak, and what the next days would give.",
        query=shapes.MemberMonthQuery,
        answers={200: shapes.CheckInOverviewOut},
        refuses=[MemberNotFound],
        scope="points:read",
    )
    def get(self, request: Request, query: shapes.MemberMonthQuery) -> shapes.CheckInOverviewOut:
        member = get_by_external_id(external_id=query.member_external_id)
        month = shapes.first_of(query.month)
        return shapes.overview(get_overview(member=member, month=month, at=clock.now()))

    @operation(
        summary="Check a member in",
        description="Once a local day of the shop; days in a row give more.",
        body=shapes.MemberCheckInIn,
        answers={201: shapes.CheckInOut},
        refuses=[MemberNotFound, AlreadyCheckedIn, KeyReused],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: shapes.MemberCheckInIn) -> shapes.CheckInOut:
        member = get_by_external_id(external_id=body.member_external_id)
        return shapes.check_in(
            check_member_in(member_id=member.pk, at=clock.now(), actor=self.actor)
        )


class MakeUps(PartnerEndpoint):
    """Missed days, filled later."""

    @operation(
        summary="Make up for a missed day",
        description="Costs the points the programme asks for a make-up card; the streak joins up.",
        body=shapes.MemberMakeUpIn,
        answers={201: shapes.CheckInOut},
        refuses=[
            MemberNotFound, AlreadyCheckedIn, DayNotOpen, NoCardLeft, InsufficientPoints, KeyReused,
        ],
        idempotency_key="optional",
        scope="points:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MemberMakeUpIn) -> shapes.CheckInOut:
        member = get_by_external_id(external_id=body.member_external_id)
        made = make_up(member_id=member.pk, day=body.date, at=clock.now(), actor=self.actor)
        return shapes.check_in(made)
