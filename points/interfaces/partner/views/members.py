"""Members, their balances and ledgers."""

import uuid
from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.db import ask
from kernel.shapes import Page, given
from points.flows.member_joined import join_member
from points.flows.referral_claimed import join_by_code
from points.interfaces.finding import find_member, require_id
from points.interfaces.member_shapes import by_member
from points.interfaces.partner import rendering, schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger import queries as ledger
from points.ledger.queries import Balance
from points.members import actions
from points.members import queries as members
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
from points.tiers.queries import ask_standing


class Members(PartnerEndpoint):
    """The list of members, and joining."""

    @operation(
        summary="List members",
        query=schemas.MemberQuery,
        answers={200: schemas.MemberItems},
        refuses=[InvalidCursor],
        scope="members:read",
    )
    def get(self, request: Request, query: schemas.MemberQuery) -> schemas.MemberItems:
        found = members.list_members(
            limit=query.limit + 1,
            after=decode_cursor(query.cursor, uuid.UUID),
            external_id=query.external_id, phone=query.phone, email=query.email, tag=query.tag,
        )  # fmt: skip
        page, after = cut(found, query.limit, lambda row: row.pk)
        return schemas.MemberItems(items=render_members(page), next=after)

    @operation(
        summary="Add a member",
        body=schemas.MemberIn,
        answers={201: schemas.MemberOut},
        refuses=[
            ExternalIdTaken, PhoneTaken, EmailTaken, AddressInvalid, CustomInvalid, KeyReused,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: schemas.MemberIn) -> schemas.MemberOut:
        row = join_member(
            external_id=body.external_id, at=clock.now(), phone=body.phone, email=body.email,
            name=body.name, birthday=body.birthday, tags=tuple(body.tags),
            joined_at=body.joined_at, custom=body.custom,
        )  # fmt: skip
        if body.referral_code:
            join_by_code(
                member_id=row.pk, code=body.referral_code, source="partner", at=clock.now()
            )
        self.audit("member.added", f"member:{row.pk}", after={"external_id": row.external_id})
        return render_members([row])[0]


class MemberView(PartnerEndpoint):
    """One member."""

    @operation(
        summary="Get a member",
        answers={200: schemas.MemberOut},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> schemas.MemberOut:
        return render_member(find_member(member_id))

    @operation(
        summary="Change a member",
        description="Of `custom` only the fields named change; null removes a value.",
        body=schemas.MemberChange,
        answers={200: schemas.MemberOut},
        refuses=[
            MemberNotFound, MemberMerged, MemberErased, PhoneTaken, EmailTaken, AddressInvalid,
            CustomInvalid, KeyReused,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def patch(
        self, request: Request, body: schemas.MemberChange, member_id: str
    ) -> schemas.MemberOut:
        row = find_member(member_id)
        changes = given(body)
        if changes:
            before = _facts(row, changes)
            row = actions.change_member(member_id=row.pk, changes=changes, at=clock.now())
            subject = f"member:{row.pk}"
            self.audit("member.changed", subject, before=before, after=_facts(row, changes))
        return render_member(row)


class MemberTransactions(PartnerEndpoint):
    """A member's ledger of points."""

    @operation(
        summary="List a member's transactions, newest first",
        query=Page,
        answers={200: schemas.TransactionItems},
        refuses=[MemberNotFound, InvalidCursor],
        scope="members:read",
    )
    def get(self, request: Request, query: Page, member_id: str) -> schemas.TransactionItems:
        member = find_member(member_id)
        ledger.get_balance(member=member.pk, at=clock.now())
        rows = ledger.list_transactions(
            member=member.pk,
            limit=query.limit + 1,
            before=decode_cursor(query.cursor, ledger.TransactionPlace),
        )
        page, after = cut(rows, query.limit, lambda row: (row.occurred_at, row.pk))
        return schemas.TransactionItems(
            items=[rendering.transaction(row, "points") for row in page], next=after
        )


class MemberLots(PartnerEndpoint):
    """A member's open lots."""

    @operation(
        summary="List a member's open lots, soonest expiry first",
        answers={200: schemas.LotItems},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> schemas.LotItems:
        lots = ledger.list_lots(member=find_member(member_id).pk, at=clock.now())
        return schemas.LotItems(items=[rendering.lot(row) for row in lots])


class MemberPoints(PartnerEndpoint):
    """A member's balance, now or as of a moment."""

    @operation(
        summary="Get a member's balance",
        description="With `at` in the past: what was available then, by the entries' dates.",
        query=schemas.MomentQuery,
        answers={200: schemas.BalanceOut},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(
        self, request: Request, query: schemas.MomentQuery, member_id: str
    ) -> schemas.BalanceOut:
        member, now = require_id(member_id, MemberNotFound), clock.now()
        if query.at is None or query.at == now:
            is_there, balance = ask(
                members.ask_exists(member_id=member), ledger.ask_balance(member=member, at=now)
            )
            if not is_there:  # or merged into another
                member = find_member(member_id).pk
                balance = ledger.get_balance(member=member, at=now)
            return schemas.BalanceOut(
                member_id=member, at=now, available=balance.available, pending=balance.pending,
                held=balance.held, debt=balance.debt,
            )  # fmt: skip
        member = find_member(member_id).pk
        available = ledger.available_at(member=member, moment=query.at)
        return schemas.BalanceOut(
            member_id=member, at=query.at, available=available, pending=None, held=None, debt=None
        )


def render_member(row: Member) -> schemas.MemberOut:
    """A member with the balances of now and all identities: two queries."""
    return render_members([row])[0]


def render_members(rows: Sequence[Member]) -> list[schemas.MemberOut]:
    """Members with what they own and where they stand: two queries for any number."""
    ids, now, none = [row.pk for row in rows], clock.now(), Balance()
    points, growth, cash, standings = ask(
        ledger.ask_balances(members=ids, at=now),
        ledger.ask_balances(members=ids, at=now, unit="growth"),
        ledger.ask_balances(members=ids, at=now, unit="cash"),
        ask_standing(member_ids=ids),
    )
    known = by_member(members.list_identities(member_ids=ids))
    return [
        rendering.member(
            row, points.get(row.pk, none), known.get(row.pk, ()), tier=standings.get(row.pk),
            growth=growth.get(row.pk, none), cash=cash.get(row.pk, none),
        )
        for row in rows
    ]  # fmt: skip


def _facts(row: Member, names: Iterable[str]) -> dict[str, object]:
    """These fields of a member, JSON-ready."""
    known = {"email_consent": row.email_consent_at is not None}
    return {
        name: known[name] if name in known else msgspec.to_builtins(getattr(row, name))
        for name in names
    }
