"""Examples of shop orders: the story of docs/algorithms/checkout.md."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_NUMBER = "261031-7KQ4M2XW"
_UNTIL = "2026-10-31T10:30:00+08:00"
_SUMS: Values = {
    "list_cents": 15_590, "member_discount_cents": 0, "coupon_cents": 2_000,
    "offset_points": 3_000, "offset_cents": 3_000, "shipping_cents": 0, "payable_cents": 10_590,
    "cash_cents": 1_000, "due_cents": 9_590,
}  # fmt: skip
_LINE: Values = {
    "position": 1, "sku": "TEA-100", "title": "Longjing", "options": "100 g", "picture": None,
    "quantity": 2, "list_cents": 11_600, "member_discount_cents": 0, "coupon_cents": 2_000,
    "offset_points": 2_119, "offset_cents": 2_119, "paid_cents": 7_481, "refunded_quantity": 0,
    "product_id": ID, "variant_id": ID,
}  # fmt: skip
_ORDER: Values = {
    **_SUMS, "number": _NUMBER, "status": "paid", "currency": "CNY", "refunded_cents": 0,
    "has_open_refund": False, "created_at": MOMENT, "pay_by": _UNTIL, "paid_at": LATER,
    "completed_at": None, "cancel_reason": "", "note": "", "completes_at": None, "shipment": None,
}  # fmt: skip
_REFUND: Values = {
    "number": _NUMBER, "status": "done", "reason": "The cup has a crack", "note": "",
    "shipping_cents": 0, "paid_cents": 3_109, "cash_cents": 293, "points": 881,
    "coupons_returned": [],
}  # fmt: skip

SHOP_ORDERS: dict[str, Values] = {
    "ShopLineOut": _LINE,
    "CheckoutLineOut": _LINE,
    "CheckoutOut": {
        **_SUMS, "shipping_saved_cents": 800, "free_shipping_from_cents": 9_900,
        "free_shipping_missing_cents": 0, "max_points": 6_795, "max_offset_cents": 6_795,
        "step_points": 1, "points_available": 5_000, "cash_available_cents": 2_000,
        "hold_minutes": 30, "currency": "CNY",
    },
    "PlaceOrderIn": {"points": 3_000, "cash_cents": 1_000, "expected_payable_cents": 10_590,
                "coupon_codes": ["7KQ4-M2XW-9PAB"], "note": ""},
    "CheckoutIn": {"points": "most", "cash_cents": 1_000, "coupon_codes": ["7KQ4-M2XW-9PAB"]},
    "CouponChoiceOut": {
        "code": "7KQ4-M2XW-9PAB", "name": "Twenty off", "discount_cents": 2_000,
        "frees_shipping": False, "stacks": False, "is_used": True, "reason": "",
        "missing_cents": 0,
    },
    "PaymentMethodOut": {"code": "stripe", "text": ""},
    "PayIn": {"provider": "stripe"},
    "UsedCouponOut": {"code": "7KQ4-M2XW-9PAB", "discount_cents": 2_000},
    "HistoryOut": {"state": "paid", "at": LATER, "by": "payment", "note": ""},
    "ShipmentOut": {"carrier": "SF", "tracking": "SF1023", "at": LATER},
    "ShipmentIn": {"carrier": "SF", "tracking": "SF1023"},
    "ShopPaymentOut": {
        "provider": "stripe", "status": "paid", "amount_cents": 9_590, "url": None,
        "created_at": MOMENT, "paid_at": LATER,
    },
    "RefundedLineOut": {"position": 2, "quantity": 1, "paid_cents": 3_109, "points": 881},
    "RefundLineIn": {"position": 2, "quantity": 1},
    "ShopRefundOut": _REFUND,
    "ShopOrderRow": _ORDER,
    "ShopOrderOut": _ORDER,
    "StaffShopOrderOut": _ORDER,
    "BorneOut": {
        "funding_source": "merchant", "offset_points": 3_000, "offset_cents": 3_000,
        "returned_points": 881, "returned_offset_cents": 881, "coupon_cents": 2_000,
        "returned_coupon_cents": 0,
    },
    "OffsetShare": {"funding_source": "merchant", "points": 400, "cents": 400},
    "GiveUpIn": {"reason": "The last cup broke"},
    "GiveBackIn": {"reason": "The cup has a crack", "shipping_cents": None, "is_restocked": False},
    "RefundApprovalIn": {"lines": None, "shipping_cents": None, "is_restocked": True, "note": ""},
    "RefundRejectionIn": {"note": "The tea has been opened"},
    "MoneySeenIn": {"note": "Bank transfer 20261031-77"},
    "RefundRequestIn": {"reason": "The cup has a crack"},
}  # fmt: skip
