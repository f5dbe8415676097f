"""Two who earn commission on each other's orders, and both give everything back at once."""

import uuid
from datetime import timedelta

from points.cash import actions as cash
from points.flows.checkout import CheckoutAsk, Wanted, place_order
from points.flows.commission import settle_due
from points.flows.referral_claimed import claim_code
from points.flows.shop_moved import receive_order, ship_order
from points.flows.shop_refunded import refund_at_once
from points.ledger.queries import get_balance
from points.program.actions import change_program
from points.referral import distributors
from points.referral.actions import ensure_code
from points.referral.models import Commission
from points.shop import actions as catalogue
from points.shop.models import Variant
from tests.races.conftest import AT, kinds

LATER = AT + timedelta(days=30)
ORDERS = 8
HOME = {"name": "M", "phone": "1", "region": "", "line": "1"}


def _earn_on_each_other(mei, tao, ann):
    """Tao's orders pay ann and, above her, mei; mei's orders pay tao."""
    change_program(
        changes={
            "referral": {"is_on": True}, "distribution": {"is_on": True}, "cash": {"enabled": True}
        }, at=AT,
    )  # fmt: skip
    above = distributors.admit(member_id=mei.pk, parent_id=None, at=AT, actor_name="t")
    distributors.admit(member_id=tao.pk, parent_id=None, at=AT, actor_name="t")
    distributors.admit(member_id=ann.pk, parent_id=above.pk, at=AT, actor_name="t")
    claim_code(member_id=tao.pk, code=ensure_code(member=ann), at=AT)
    claim_code(member_id=mei.pk, code=ensure_code(member=tao), at=AT)


def _bought_with_cash(member, variant):
    cash.give(
        gifts=[cash.Gift(member=member.pk, cents=1_000, source="game", source_id=uuid.uuid4())],
        at=AT,
        actor="t",
    )
    order = place_order(
        member_id=member.pk, asked=CheckoutAsk(lines=(Wanted(variant.pk, 1),), cash_cents="most"),
        expected_payable_cents=1_000, address=HOME, note="", at=AT, actor="t",
    )  # fmt: skip
    ship_order(order_id=order.pk, carrier="c", tracking="1", at=AT, actor="t")
    receive_order(order_id=order.pk, member_id=member.pk, at=AT, actor="t")
    return order


def test_commission_goes_back_both_ways_while_cash_returns(race, members):
    mei, tao, ann = members(3)
    _earn_on_each_other(mei, tao, ann)
    catalogue.create_product(
        fields={"title_en": "Tin", "status": "on_sale"},
        variants=[{"sku": "TIN", "price_cents": 1_000}], at=AT,
    )  # fmt: skip
    tin = Variant.objects.get(sku="TIN")
    orders = [_bought_with_cash((mei, tao)[i % 2], tin) for i in range(2 * ORDERS)]
    settle_due(at=LATER)
    owned = {
        m.pk: get_balance(member=m.pk, at=LATER, unit="cash").available for m in (mei, tao, ann)
    }
    # 5 % of 10.00 at the first level, 2 % at the second.
    assert owned == {mei.pk: 20 * ORDERS, tao.pk: 50 * ORDERS, ann.pk: 50 * ORDERS}

    results = race(
        lambda i: refund_at_once(
            order_id=orders[i].pk, pieces={1: 1}, reason="", shipping_cents=None,
            is_restocked=True, at=LATER, now=LATER, actor="t",
        ), 2 * ORDERS,
    )  # fmt: skip

    assert kinds(results) == {"ShopRefund": 2 * ORDERS}
    assert set(Commission.objects.values_list("amount_cents", flat=True)) == {0}
    for member, kept in ((mei, 1_000 * ORDERS), (tao, 1_000 * ORDERS), (ann, 0)):
        assert get_balance(member=member.pk, at=LATER, unit="cash").available == kept
