"""Members, what they own and what became of it."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from msgspec import UNSET
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.ids import new_id
from kernel.shapes import Page, given
from points.adjustments.queries import find_decided
from points.checkin.queries import get_overview
from points.flows.member_joined import join_member
from points.interfaces.checkin_shapes import (
    CheckInOverviewOut,
    MonthQuery,
    first_of,
    overview,
)
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists import ledger as lists
from points.interfaces.console.lists.members import list_members, member_rows, name_tiers
from points.interfaces.console.schemas import members as schemas
from points.interfaces.console.schemas.mall import RedemptionItems, RedemptionQuery
from points.interfaces.console.schemas.orders import OrderItems, OrderQuery
from points.interfaces.console.views import orders, redemptions
from points.interfaces.finding import find_member
from points.ledger import queries as ledger
from points.ledger.models import Kind, Transaction
from points.ledger.queries import Balance
from points.members import queries as members
from points.members.actions import change_member
from points.members.errors import (
    AddressInvalid,
    CustomInvalid,
    EmailTaken,
    ExternalIdTaken,
    MemberErased,
    MemberMerged,
    MemberNotFound,
    PhoneTaken,
)
from points.members.models import Member
from points.segments.errors import SegmentNotFound
from points.tiers.errors import TierNotFound

UNITS = ("points", "growth", "cash")


class Members(ConsoleEndpoint):
    """All members."""

    @operation(
        summary="List members",
        description="`q` is the beginning of a number, of a word of the name, of a phone number or"
        " an e-mail address; `segment` is the code of one. Five queries: keys, count, members,"
        " balances, standings; with a segment two more.",
        query=schemas.MemberQuery,
        answers={200: schemas.MemberItems},
        refuses=[SegmentNotFound, TierNotFound, InvalidCursor, *READING],
        scope="members:read",
    )
    def get(self, request: Request, query: schemas.MemberQuery) -> schemas.MemberItems:
        sees, now = self.staff.may("members:write"), clock.now()
        page = list_members(query=query, sees_contacts=sees, at=now)
        return schemas.MemberItems(
            items=member_rows(page.members, sees_contacts=sees, at=now),
            next=page.next, total=page.total,
        )  # fmt: skip

    @operation(
        summary="Add a member",
        description="Without a number of its own the member gets a new one.",
        body=schemas.MemberIn,
        answers={201: schemas.MemberRow},
        refuses=[
            ExternalIdTaken, PhoneTaken, EmailTaken, AddressInvalid, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: schemas.MemberIn) -> schemas.MemberRow:
        row = join_member(
            external_id=body.external_id or f"c-{new_id().hex[-12:]}", at=clock.now(),
            name=body.name.strip(), phone=body.phone.strip(), email=body.email.strip(),
        )  # fmt: skip
        self.audit("member.added", f"member:{row.pk}", after={"external_id": row.external_id})
        tier = name_tiers(members=[row.pk]).get(row.pk)
        return rendering.member_row(row, Balance(), tier=tier, sees_contacts=True)


class MemberView(ConsoleEndpoint):
    """One member."""

    @operation(
        summary="Get a member",
        description="Seven queries: member, balances in each unit, lots, identities, standing.",
        answers={200: schemas.MemberOut},
        refuses=[MemberNotFound, *READING],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> schemas.MemberOut:
        return render_member(find_member(member_id), self.staff.may("members:write"))

    @operation(
        summary="Change a member's profile",
        description="The tags sent are the member's tags from now on; of `custom` only the fields"
        " named change.",
        body=schemas.ProfileChange,
        answers={200: schemas.MemberOut},
        refuses=[
            MemberNotFound, MemberMerged, MemberErased, PhoneTaken, EmailTaken, AddressInvalid,
            CustomInvalid, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def patch(
        self, request: Request, body: schemas.ProfileChange, member_id: str
    ) -> schemas.MemberOut:
        row = before = find_member(member_id)
        if changes := given(body):
            if body.tags is not UNSET:
                changes["tags"] = [tag.strip() for tag in body.tags if tag.strip()]
            row = change_member(member_id=row.pk, changes=changes, at=clock.now())
            _note_change(self, before, row, changes)
        return render_member(row, sees_contacts=True)


class MemberTags(ConsoleEndpoint):
    """The tags in use."""

    @operation(
        summary="List the tags members bear",
        description="One query, at most 500 tags.",
        answers={200: schemas.TagItems},
        refuses=[*READING],
        scope="members:read",
    )
    def get(self, request: Request) -> schemas.TagItems:
        return schemas.TagItems(items=members.list_tags(limit=500))


class MemberTransactions(ConsoleEndpoint):
    """A member's ledger."""

    @operation(
        summary="List a member's transactions, newest first",
        description="Five to eight queries: member, wallet twice, transactions, lots that are"
        " pending, names of the staff and keys behind them, who approved adjustments.",
        query=schemas.TransactionQuery,
        answers={200: schemas.TransactionItems},
        refuses=[MemberNotFound, InvalidCursor, *READING],
        scope="members:read",
    )
    def get(
        self, request: Request, query: schemas.TransactionQuery, member_id: str
    ) -> schemas.TransactionItems:
        member, now = find_member(member_id), clock.now()
        page, following = lists.list_transactions(member=member.pk, query=query, at=now)
        return schemas.TransactionItems(items=_transactions(page), next=following)


class MemberLots(ConsoleEndpoint):
    """A member's open lots."""

    @operation(
        summary="List a member's open lots, soonest expiry first",
        description="Three queries: member, wallet, lots.",
        query=Page,
        answers={200: schemas.LotItems},
        refuses=[MemberNotFound, InvalidCursor, *READING],
        scope="members:read",
    )
    def get(self, request: Request, query: Page, member_id: str) -> schemas.LotItems:
        member = find_member(member_id)
        page, following = lists.list_lots(member=member.pk, query=query, at=clock.now())
        return schemas.LotItems(items=[rendering.lot(row) for row in page], next=following)


class MemberOrders(ConsoleEndpoint):
    """A member's orders."""

    @operation(
        summary="List a member's orders, newest first",
        description="Five queries: member, programme, orders, names, lots.",
        query=Page,
        answers={200: OrderItems},
        refuses=[MemberNotFound, InvalidCursor, *READING],
        scope="orders:read",
    )
    def get(self, request: Request, query: Page, member_id: str) -> OrderItems:
        member = find_member(member_id)
        return orders.answer_list(
            OrderQuery(limit=query.limit, cursor=query.cursor), sees_contacts=False,
            member=member.pk,
        )  # fmt: skip


class MemberRedemptions(ConsoleEndpoint):
    """What a member redeemed."""

    @operation(
        summary="List a member's redemptions, newest first",
        description="Three queries: member, redemptions with items, names.",
        query=Page,
        answers={200: RedemptionItems},
        refuses=[MemberNotFound, InvalidCursor, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, query: Page, member_id: str) -> RedemptionItems:
        member = find_member(member_id)
        return redemptions.answer_redemptions(
            RedemptionQuery(limit=query.limit, cursor=query.cursor), self.staff, member=member.pk
        )


class MemberCheckIns(ConsoleEndpoint):
    """The days on which a member checked in."""

    @operation(
        summary="Look at a member's check-ins",
        description="A month of days (this one when none is named), the streak, and what the next"
        " days would give. Seven queries: member, programme, looks at the days.",
        query=MonthQuery,
        answers={200: CheckInOverviewOut},
        refuses=[MemberNotFound, *READING],
        scope="members:read",
    )
    def get(self, request: Request, query: MonthQuery, member_id: str) -> CheckInOverviewOut:
        member = find_member(member_id)
        month = first_of(query.month)
        return overview(get_overview(member=member, month=month, at=clock.now()))


def render_member(row: Member, sees_contacts: bool) -> schemas.MemberOut:
    """A member with all that the head of the page shows: six queries."""
    now = clock.now()
    balances = {unit: ledger.get_balance(member=row.pk, at=now, unit=unit) for unit in UNITS}
    return rendering.member(
        row,
        balances,
        lists.next_expiry(member=row.pk),
        members.list_identities(member_ids=[row.pk]),
        tier=name_tiers(members=[row.pk]).get(row.pk),
        sees_contacts=sees_contacts,
    )


def _note_change(
    endpoint: ConsoleEndpoint, before: Member, row: Member, changes: Iterable[str]
) -> None:
    subject, fields = f"member:{row.pk}", sorted(changes)
    if fields == ["tags"]:
        was, now = {"tags": before.tags}, {"tags": row.tags}
        endpoint.audit("member.tags_changed", subject, before=was, after=now)
    else:  # which fields, not what they say: the trail outlives the person's data
        endpoint.audit("member.changed", subject, after={"fields": fields})


def _transactions(page: Sequence[Transaction]) -> list[schemas.TransactionOut]:
    pending = ledger.pending_until(transactions=page)
    names = lists.name_actors(row.actor for row in page if row.actor)
    decided = find_decided(
        ids=[row.source_id for row in page if row.kind == Kind.ADJUST and row.source_id]
    )
    return [
        rendering.transaction(
            row, pending=pending, actor=names.get(row.actor),
            approved_by=decided[row.source_id].decided_by_name if row.source_id in decided else None,
        )
        for row in page
    ]  # fmt: skip
