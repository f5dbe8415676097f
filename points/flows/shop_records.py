"""What a shop order is called elsewhere: by the ledger's orders, by coupons, by webhooks."""

from typing import Any

from points.shop.order_models import ShopOrder

# The channel under which the loyalty side knows the shop's orders.
CHANNEL = "shop"


def reference_of(number: str) -> str:
    """What coupons know a shop order by."""
    return f"shop:{number}"


def line_name(position: int) -> str:
    """What the loyalty side calls a line."""
    return str(position)


def told_of(order: ShopOrder, reason: str | None = None) -> dict[str, Any]:
    """What others are told of a shop order."""
    return {
        "order_id": str(order.pk), "number": order.number, "member_id": str(order.member_id),
        "status": order.status, "payable_cents": order.payable_cents,
        "refunded_cents": order.refunded_cents, "currency": order.currency,
        "reason": reason,
    }  # fmt: skip
