"""Everything at once: a coupon, points of two payers, the cash wallet and a card pay for goods on which
a distributor earns. Then one line comes back, then all; and all that had moved is where it was.
"""

from datetime import UTC, datetime, timedelta

import pytest

from points.coupons import actions as coupons
from points.coupons import templates
from points.coupons.actions import CouponIssue
from points.coupons.models import Coupon
from points.flows.books_checked import check_books
from points.flows.commission import settle_due
from points.flows.referral_claimed import join_by_code
from points.flows.shop_moved import receive_order, ship_order
from points.flows.shop_refund_paid import look_at_refund
from points.flows.shop_refunded import refund_at_once
from points.insights.settlement import settlement
from points.interfaces import shop_orders
from points.ledger.actions import add_funding_source
from points.ledger.models import Lot
from points.ledger.queries import get_balance
from points.members.actions import add_missing
from points.members.models import Member
from points.program.actions import change_program
from points.referral import distributors
from points.referral.actions import ensure_code
from points.referral.models import Commission
from tests.checkout.conftest import give
from tests.checkout.test_orders import asked, place
from tests.checkout.test_stripe import account, begin, events, handle, pay, tell  # noqa: F401

DAY = timedelta(days=1)


@pytest.fixture
def tao(shop, noon):
    """A member who brings others."""
    return Member.objects.get(pk=add_missing(external_ids=["tao"], at=noon)["tao"])


@pytest.fixture
def buyer(shop, mei, tao, noon):
    """Mei, brought by the distributor Tao: 1,000 points of a tea brand, 4,000 of the shop, 20.00 in
    cash, and a coupon of the brand's: 20.00 off tea."""
    change_program(
        changes={"referral": {"is_on": True}, "distribution": {"is_on": True},
                 "cash": {"enabled": True}}, at=noon,
    )  # fmt: skip
    distributors.admit(member_id=tao.pk, parent_id=None, at=noon, actor_name="t")
    join_by_code(member_id=mei.pk, code=ensure_code(member=tao), source="sign_up", at=noon)
    brand, _ = add_funding_source(code="leaf", name="Leaf & Co", unit_cost_micros=9_000, at=noon)
    give(mei, 1_000, noon - DAY, source=brand)
    give(mei, 4_000, noon)
    give(mei, 2_000, noon, unit="cash")
    templates.create_template(
        fields={"code": "tea20", "name_zh": "减二十", "kind": "amount_off", "amount_cents": 2_000,
                "scope": "categories", "categories": ["tea"], "funding_source": "leaf",
                "status": "active"}, at=noon,
    )  # fmt: skip
    coupons.issue(
        template_code="tea20", issues=[CouponIssue(mei.pk, "test", "1")], at=noon, actor="test"
    )
    return mei


def _lots(member):
    """What is left in each lot, and until when."""
    lots = Lot.objects.filter(wallet__member_id=member.pk, remaining__gt=0).order_by("id")
    return list(lots.values_list("id", "remaining", "expires_at"))


def _held(member: Member, at: datetime) -> tuple[int, int]:
    balances = [get_balance(member=member.pk, at=at, unit=unit) for unit in ("points", "cash")]
    return balances[0].available, balances[1].available


def _borne(order):
    """Payer → (points' part, coupons' part), less what came back: in the order, as staff see it."""
    return {
        one.funding_source: (
            one.offset_cents - one.returned_offset_cents,
            one.coupon_cents - one.returned_coupon_cents,
        )
        for one in shop_orders.staff_order(order).settlement
    }


def _stated(at):
    """The same of the month's statement."""
    return {
        one.funding_source: (one.offset_cents, one.coupon_cents)
        for one in settlement(month=None, at=at).items
    }


def _refund(order, pieces, at):
    refund = refund_at_once(
        order_id=order.pk, pieces=pieces, reason="", shipping_cents=0, is_restocked=True,
        at=at, now=datetime.now(UTC), actor="user:owner",
    )  # fmt: skip
    for _ in range(2):
        refund = look_at_refund(refund_id=refund.pk, at=at, now=datetime.now(UTC))
    order.refresh_from_db()
    return refund


def test_one_line_then_all_comes_back_to_where_it_was(
    buyer, tao, shelf, account, stripe_control, noon  # noqa: F811
):  # fmt: skip
    before = (_lots(buyer), _held(buyer, noon))
    (code,) = Coupon.objects.values_list("code", flat=True)
    order = place(buyer, asked(shelf, coupon_codes=(code,), points=3_000, cash_cents=1_000), noon)
    pay(stripe_control, begin(order, noon))
    for event in events(stripe_control, account):
        tell(event)
    handle(noon)
    ship_order(order_id=order.pk, carrier="", tracking="", at=noon, actor="user:owner")
    receive_order(order_id=order.pk, at=noon, actor="member")
    order.refresh_from_db()
    assert order.status == "completed"
    # The lot of the brand is the older: it is spent first, whole.
    assert _borne(order) == {"leaf": (1_000, 2_000), "merchant": (2_000, 0)}
    assert _stated(noon) == _borne(order)
    # 155.90 less 20.00 of coupon and 30.00 of points: 105.90, of which a twentieth.
    assert Commission.objects.get().amount_cents == 529
    assert check_books() == []

    first = _refund(order, {2: 1}, noon + DAY)
    # 39.90 less its points: 3,000 × 3,990 ÷ 13,590 = 880.8 → 881; no coupon was on it.
    assert (first.paid_cents, first.points, first.status) == (3_109, 881, "done")
    assert sum(part for part, _ in _borne(order).values()) == 3_000 - 881
    assert {code: parts[1] for code, parts in _borne(order).items()}["leaf"] == 2_000
    assert _stated(noon + DAY) == _borne(order)
    # 96.00 less 21.19 of points: 74.81.
    assert Commission.objects.get().amount_cents == 374
    late = noon + 30 * DAY
    settle_due(at=late)
    assert get_balance(member=tao.pk, at=late, unit="cash").available == 374
    assert check_books() == []

    second = _refund(order, {1: 2}, late)
    assert first.paid_cents + second.paid_cents == order.payable_cents == 10_590
    assert first.cash_cents + second.cash_cents == 1_000
    sent = [one["amount"] for one in stripe_control.stand_in.store.select("refund", account)]
    assert sum(sent) == order.due_cents == 9_590
    assert (order.status, Coupon.objects.get().state) == ("refunded", "issued")
    assert (_lots(buyer), _held(buyer, late)) == before
    assert [row.stock for row in (shelf["TEA"], shelf["CUP"]) if not row.refresh_from_db()] == [
        10,
        5,
    ]
    assert get_balance(member=tao.pk, at=late, unit="cash").available == 0
    assert set(_borne(order).values()) == {(0, 0)}
    assert Commission.objects.get().amount_cents == 0
    assert check_books() == []
