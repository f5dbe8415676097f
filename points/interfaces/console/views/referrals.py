"""Who invited whom and what came of it, distributors, and their commission."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.money import exponent
from kernel.shapes import CsvFile
from points.insights.calculations import check_days, liability_cents
from points.insights.errors import PeriodInvalid
from points.interfaces import referral_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists import referrals as lists
from points.interfaces.console.schemas import referrals as schemas
from points.interfaces.console.schemas.session import Nothing
from points.interfaces.finding import require_id
from points.members.errors import MemberMerged, MemberNotFound
from points.program.queries import get_program
from points.referral import distributors, queries
from points.referral.errors import (
    AlreadyDistributor,
    DistributorDecided,
    DistributorNotFound,
    ParentNotActive,
    TooManyLevels,
)
from points.referral.models import Distributor

DAYS = 90


class Referrals(ConsoleEndpoint):
    """All referrals, with the reasons of those that were refused."""

    @operation(
        summary="List referrals, newest first",
        description="Two queries.",
        query=schemas.ReferralListQuery,
        answers={200: schemas.ReferralRows},
        refuses=[InvalidCursor, *READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: schemas.ReferralListQuery) -> schemas.ReferralRows:
        rows = queries.list_referrals(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return schemas.ReferralRows(items=lists.render_referrals(page), next=following)


class ReferralFunnel(ConsoleEndpoint):
    """From an invitation to a reward."""

    @operation(
        summary="Count what came of invitations",
        description="Of codes entered on these business days, the last 90 without them. Two queries.",
        query=schemas.FunnelQuery,
        answers={200: schemas.FunnelOut},
        refuses=[PeriodInvalid, *READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: schemas.FunnelQuery) -> schemas.FunnelOut:
        program = get_program()
        calendar = program.calendar
        last = query.last or calendar.day_of(clock.now())
        first = query.first or last - timedelta(days=DAYS - 1)
        check_days(first, last)
        found = queries.get_funnel(since=calendar.start_of(first), until=calendar.end_of(last))
        worth = liability_cents(
            found.points, points_per_unit=program.settings.face_value_points_per_unit,
            exponent=exponent(program.currency),
        )  # fmt: skip
        return schemas.FunnelOut(
            first=first, last=last, refused=found.refused, joined=found.joined,
            ordered=found.ordered, rewarded=found.rewarded, points=found.points,
            points_cents=worth,
        )  # fmt: skip


class Distributors(ConsoleEndpoint):
    """Members who earn commission, or ask to."""

    @operation(
        summary="List distributors, newest first",
        description="Up to four queries.",
        query=schemas.DistributorListQuery,
        answers={200: schemas.DistributorRows},
        refuses=[InvalidCursor, *READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: schemas.DistributorListQuery) -> schemas.DistributorRows:
        rows = queries.list_distributors(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return schemas.DistributorRows(items=lists.render_distributors(page), next=following)

    @operation(
        summary="Admit a distributor",
        description="Whether the member applied or not; at the top, or below one of level 1.",
        body=schemas.AdmissionIn,
        answers={201: schemas.DistributorRow},
        refuses=[
            MemberNotFound, MemberMerged, AlreadyDistributor, DistributorNotFound, ParentNotActive,
            TooManyLevels, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="referral:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: schemas.AdmissionIn) -> schemas.DistributorRow:
        row = distributors.admit(
            member_id=body.member_id, parent_id=body.parent_id, at=clock.now(),
            actor_name=self.staff.name, note=body.note.strip(),
        )  # fmt: skip
        return _noted(self, "distributor.admitted", row)


class DistributorParent(ConsoleEndpoint):
    """Whom a distributor stands below."""

    @operation(
        summary="Put a distributor below another, or at the top",
        description="Commission of orders that are completed already stays whose it was.",
        body=schemas.ParentIn,
        answers={200: schemas.DistributorRow},
        refuses=[
            DistributorNotFound, DistributorDecided, ParentNotActive, TooManyLevels, KeyReused,
            *CHANGING,
        ],
        idempotency_key="optional",
        scope="referral:write",
    )  # fmt: skip
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.ParentIn, distributor_id: str
    ) -> schemas.DistributorRow:
        row = distributors.move(
            distributor_id=require_id(distributor_id, DistributorNotFound),
            parent_id=body.parent_id, at=clock.now(), actor_name=self.staff.name,
        )  # fmt: skip
        return _noted(self, "distributor.moved", row)


class DistributorRejection(ConsoleEndpoint):
    """Saying no to an application."""

    @operation(
        summary="Reject an application",
        description="The member may apply again.",
        body=schemas.DecisionIn,
        answers={200: schemas.DistributorRow},
        refuses=[DistributorNotFound, DistributorDecided, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="referral:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.DecisionIn, distributor_id: str
    ) -> schemas.DistributorRow:
        row = distributors.reject(
            distributor_id=require_id(distributor_id, DistributorNotFound), at=clock.now(),
            actor_name=self.staff.name, note=body.note.strip(),
        )  # fmt: skip
        return _noted(self, "distributor.rejected", row)


class DistributorEnd(ConsoleEndpoint):
    """Ending what was agreed with a distributor."""

    @operation(
        summary="End a distributor",
        description="Orders placed from now on earn nothing; what is pending is still settled.",
        body=schemas.DecisionIn,
        answers={200: schemas.DistributorRow},
        refuses=[DistributorNotFound, DistributorDecided, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="referral:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.DecisionIn, distributor_id: str
    ) -> schemas.DistributorRow:
        row = distributors.end(
            distributor_id=require_id(distributor_id, DistributorNotFound), at=clock.now(),
            actor_name=self.staff.name, note=body.note.strip(),
        )  # fmt: skip
        return _noted(self, "distributor.ended", row)


class Commissions(ConsoleEndpoint):
    """What orders give to distributors."""

    @operation(
        summary="List commissions, newest first",
        description="Three queries.",
        query=schemas.CommissionListQuery,
        answers={200: schemas.CommissionRows},
        refuses=[InvalidCursor, *READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: schemas.CommissionListQuery) -> schemas.CommissionRows:
        rows = queries.list_commissions(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return schemas.CommissionRows(items=lists.render_commissions(page), next=following)


class CommissionTotals(ConsoleEndpoint):
    """All commissions in three sums."""

    @operation(
        summary="Sum commissions",
        description="One query.",
        query=Nothing,
        answers={200: shapes.CommissionSumsOut},
        refuses=[*READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: Nothing) -> shapes.CommissionSumsOut:
        return shapes.sums(queries.total_commissions())


class CommissionFile(ConsoleEndpoint):
    """The list as a file."""

    @operation(
        summary="Commissions as CSV",
        description="`text/csv` in UTF-8, newest first, at most 50,000. No cell can start a formula.",
        query=schemas.CommissionFileQuery,
        answers={200: CsvFile},
        refuses=[*READING],
        scope="referral:read",
    )
    def get(self, request: Request, query: schemas.CommissionFileQuery) -> HttpResponse:
        rows = queries.list_commissions(limit=lists.MOST_IN_FILE, status=query.status)
        return lists.commission_file(rows, currency=get_program().currency)


def _noted(view: ConsoleEndpoint, action: str, row: Distributor) -> schemas.DistributorRow:
    """Note what was done with a distributor, and show how it stands now."""
    view.audit(action, f"member:{row.member_id}", after=shapes.distributor_facts(row))
    return lists.render_distributors([row])[0]
