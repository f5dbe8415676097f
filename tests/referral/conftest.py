"""Mei invites; Tao and others come by her code. Rewards and commission as in docs/algorithms/referral.md."""

from datetime import timedelta

import pytest

from points.flows.books_checked import check_books
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.flows.referral_claimed import join_by_code
from points.ledger.queries import get_balance
from points.members.models import Member
from points.program.actions import change_program
from points.referral import distributors
from points.referral.actions import ensure_code

DAY = timedelta(days=1)


@pytest.fixture
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def rewards(shop, noon):
    """Referral rewards are on: 100 for who invites, 50 for who comes."""

    def change(**fields):
        change_program(changes={"referral": {"is_on": True, **fields}}, at=noon)

    change()
    return change


@pytest.fixture
def commission(shop, noon):
    """Commission is on: 5 % on the first level, 2 % on the second."""

    def change(**fields):
        change_program(changes={"distribution": {"is_on": True, **fields}}, at=noon)

    change()
    return change


@pytest.fixture
def invite(shop, noon):
    """`invite(mei, "tao")`: a new member who comes by Mei's code."""

    def join(inviter, name, at=None, **fields):
        code = ensure_code(member=Member.objects.get(pk=inviter.pk))
        member = join_member(external_id=name, name=name.title(), at=at or noon, **fields)
        join_by_code(member_id=member.pk, code=code, source="sign_up", at=at or noon)
        return member

    return join


@pytest.fixture
def admit(shop, noon):
    """`admit(mei)`, `admit(ann, parent)`: a distributor as staff admit one."""

    def take_in(member, parent=None, at=None):
        return distributors.admit(
            member_id=member.pk, parent_id=parent.pk if parent else None, at=at or noon,
            actor_name="Lin",
        )  # fmt: skip

    return take_in


def order(name, member, at, *cents, discount=0, status="completed", **more):
    """An order of lines at these prices, each of a category of its own: c1, c2, …"""
    done = {"completed_at": at} if status == "completed" else {}
    incoming = IncomingOrder(
        external_id=name, member_id=member.pk, currency="CNY", placed_at=at, status=status,
        discount_cents=discount, **done, **more,
        lines=[
            IncomingLine(external_id=str(i), quantity=1, amount_cents=c, category=f"c{i}")
            for i, c in enumerate(cents or (10_000,), 1)
        ],
    )  # fmt: skip
    return take_order(order=incoming, create_member=False, at=at, actor="t")


def refund(name, order_name, at, *lines, cents=None):
    body = IncomingRefund(
        external_id=name, refunded_at=at,
        amount_cents=cents if cents is not None else sum(c for _, c in lines),
        lines=[IncomingRefundLine(external_id=n, quantity=1, amount_cents=c) for n, c in lines]
        or None,
    )  # fmt: skip
    return refund_order(external_id=order_name, refund=body, at=at, actor="t").refund


def points(member, at):
    return get_balance(member=member.pk, at=at).available


def cash(member, at):
    """(available, debt) of the cash wallet, in minor units."""
    found = get_balance(member=member.pk, at=at, unit="cash")
    return found.available, found.debt
