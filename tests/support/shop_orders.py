"""A shop order for tests that need one to name."""

import uuid
from datetime import datetime

from points.flows.checkout import CheckoutAsk, Wanted, place_order, quote_checkout
from points.flows.shop_paid import begin_payment, confirm_offline
from points.flows.shop_refunded import request_refund

HOME = {"name": "Mei", "phone": "13800000001", "region": "", "line": "1 Tea Road"}


def paid_order(
    *, member: uuid.UUID, variant: uuid.UUID, at: datetime, note: str = ""
) -> dict[str, str]:
    """One piece of a variant, paid at the counter; its buyer wants to give it back. The ids."""
    asked = CheckoutAsk(lines=(Wanted(variant, 1),))
    sums = quote_checkout(member_id=member, asked=asked, at=at).composition
    order = place_order(
        member_id=member, asked=asked, expected_payable_cents=sums.payable_cents,
        address={**HOME, "line": note or HOME["line"]}, note=note, at=at, actor="test",
    )  # fmt: skip
    payment = begin_payment(
        order_id=order.pk, member_id=member, provider="offline", success_url="", cancel_url="",
        at=at, now=at, actor="test",
    )  # fmt: skip
    confirm_offline(order_id=order.pk, payment_id=payment.pk, note="", at=at, actor="test")
    refund = request_refund(
        order_id=order.pk, member_id=member, pieces={1: 1}, reason=note, at=at, actor="test"
    )
    return {
        "order_id": str(order.pk), "payment_id": str(payment.pk), "refund_id": str(refund.pk)
    }  # fmt: skip
