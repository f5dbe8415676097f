"""Referrals, distributors and commissions with the names staff know their people and orders by."""

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.money import exponent
from points.interfaces import referral_shapes as shapes
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.rendering import unknown_member
from points.interfaces.console.schemas.common import MemberRef
from points.interfaces.console.schemas.referrals import (
    CommissionRow,
    DistributorRow,
    ReferralRow,
)
from points.interfaces.files import plain_cell
from points.orders.models import Order
from points.referral.models import Commission, Distributor, Referral
from points.referral.queries import find_suggested_parents, sum_commissions

MOST_IN_FILE = 50_000
_WORDS: Mapping[str, Promise] = {
    "own_code": _("One's own code"),
    "same_contact": _("Same phone, e-mail or address as the inviter"),
    "same_device": _("The inviter has signed in on this device"),
    "device_used": _("Another invited member uses this device"),
    "loop": _("Would close a circle of invitations"),
    "claim_too_late": _("Entered too long after joining"),
    "already_ordered": _("Entered after the first order"),
    "code_unknown": _("No such code"),
    "no_order": _("No order in time"),
    "not_kept": _("No order of enough was kept"),
    "monthly_limit": _("The inviter has reached the limit of the month"),
    "inviter_gone": _("The inviter's data was erased"),
    "merged": _("Two records were one person"),
}
_COLUMNS = (
    "earned_at", "order", "member_external_id", "member_name", "level", "rate", "base", "amount",
    "paid", "taken_back", "status", "closes_at", "settled_at",
)  # fmt: skip


def render_referrals(rows: Sequence[Referral]) -> list[ReferralRow]:
    """One query for the names."""
    names = name_members(one for row in rows for one in (row.member_id, row.inviter_id) if one)
    return [
        ReferralRow(
            **msgspec.structs.asdict(shapes.referral(row)), member=_ref(names, row.member_id),
            inviter=_ref(names, row.inviter_id) if row.inviter_id else None,
            reason_words=str(_WORDS.get(row.reason, "")),
        )
        for row in rows
    ]  # fmt: skip


def render_distributors(rows: Sequence[Distributor]) -> list[DistributorRow]:
    """Three queries: names, sums, and who brought those that wait."""
    parents = {row.pk: row.parent.member_id for row in rows if row.parent}
    names = name_members([*(row.member_id for row in rows), *parents.values()])
    sums = sum_commissions(members=[row.member_id for row in rows])
    waiting = [row.member_id for row in rows if row.status == Distributor.Status.APPLIED]
    suggested = find_suggested_parents(members=waiting) if waiting else {}
    return [
        DistributorRow(
            **msgspec.structs.asdict(shapes.distributor(row)), member=_ref(names, row.member_id),
            parent=_ref(names, parents[row.pk]) if row.pk in parents else None,
            sums=shapes.sums(sums.get(row.member_id)),
            suggested_parent_id=suggested.get(row.member_id),
        )
        for row in rows
    ]  # fmt: skip


def render_commissions(rows: Sequence[Commission]) -> list[CommissionRow]:
    """Two queries: names of members, numbers of orders."""
    names, numbers = name_members(row.member_id for row in rows), _numbers(rows)
    return [
        CommissionRow(
            **msgspec.structs.asdict(shapes.commission(row)), member=_ref(names, row.member_id),
            order_external_id=numbers[row.order_id],
        )
        for row in rows
    ]  # fmt: skip


def commission_file(rows: Sequence[Commission], *, currency: str) -> HttpResponse:
    """The list as CSV for a spreadsheet, amounts in major units. Two queries."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in render_commissions(rows):
        writer.writerow(plain_cell(cell) for cell in _cells(one, exponent(currency)))
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="commissions.csv"'
    return response


def _cells(one: CommissionRow, digits: int) -> list[Any]:
    money = (one.base_cents, one.amount_cents, one.paid_cents, one.taken_back_cents)
    return [
        one.earned_at.isoformat(), one.order_external_id, one.member.external_id,
        one.member.name or "", one.level, str(one.rate),
        *(str(Decimal(cents).scaleb(-digits)) for cents in money), one.status,
        one.closes_at.isoformat(), one.settled_at.isoformat() if one.settled_at else "",
    ]  # fmt: skip


def _numbers(rows: Sequence[Commission]) -> dict[uuid.UUID, str]:
    orders = Order.objects.filter(pk__in={row.order_id for row in rows})
    return dict(orders.values_list("pk", "external_id"))


def _ref(names: Mapping[uuid.UUID, MemberRef], member: uuid.UUID) -> MemberRef:
    return names.get(member) or unknown_member(member)
