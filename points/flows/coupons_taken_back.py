"""All of an order came back: the coupons that rules gave for it go too, unless they were used.

A coupon is whole, so a refund of a part leaves it, as it leaves the limits the award counts in. One
that a checkout holds stays like a used one: somebody may be paying with it. What was claimed in the
task centre belongs to its member (ADR 0045).
"""

from datetime import datetime

from points.coupons import actions as coupons
from points.earning.coupon_rewards import AWARDED
from points.earning.queries import list_awards
from points.orders.models import Order, Refund

VOIDED, KEPT = "coupon_voided", "coupon_kept"


def take_coupons_back(order: Order, row: Refund, *, at: datetime, actor: str) -> None:
    """Void the order's unused coupons and note each as a step of the refund.

    Call it when the order's sums say what came back and before any wallet is locked: coupons come
    first (ADR 0056). No query for an order whose rules gave none. Raises MemberMerged.
    """
    if not (_is_undone(order) and gave_coupons(order)):
        return
    awards = [str(one.pk) for one in list_awards(source_id=order.pk)]
    voided, kept = coupons.take_back(
        source=AWARDED, source_ids=awards, member=order.member_id, at=at, actor=actor,
        reason=order.external_id,
    )  # fmt: skip
    row.steps = [
        *row.steps,
        *({"step": VOIDED, "points": 0, "coupon": one.code} for one in voided),
        *({"step": KEPT, "points": 0, "coupon": one.code} for one in kept),
    ]


def gave_coupons(order: Order) -> bool:
    """Whether a rule that matched the order was to give a coupon."""
    rules = (order.evaluation or {}).get("rules", [])
    return any("coupon" in one for one in rules)


def _is_undone(order: Order) -> bool:
    """As `earning_is_undone` says in SQL: nothing of what was paid for goods is left."""
    paid = order.goods_cents - order.discount_cents - order.offset_cents
    return 0 < order.refunded_cents >= paid
