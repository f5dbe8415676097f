"""Examples of the points mall."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_RED: Values = {
    "name": "Red", "name_zh": "红色", "name_en": "Red", "stock": 12, "low_stock_at": 3,
    "price_points": None, "price_cents": None,
}  # fmt: skip
_TILL: Values = {"pay_by": None, "valid_until": "2026-11-14T16:00:00Z", "used_at": None}
_CARD: Values = {
    "provider": "stripe", "status": "paid", "amount_cents": 1_990, "url": None,
    "created_at": MOMENT, "paid_at": LATER, "note": "", "refunded_outside_cents": 0,
    "disputed_cents": 0,
}  # fmt: skip
_GIVEN: Values = {"coupons": [], "cash_cents": 0, "gift_codes": 0, "benefit": ""}
_ITEM: Values = {
    "status": "on_sale",
    "on_sale_from": "2026-11-01T00:00:00+08:00",
    "on_sale_until": "2026-12-01T00:00:00+08:00",
    "kind": "goods", "tiers": ["gold"], "segment": "", "delivery": "both",
    "pickup_place_zh": "湖滨店", "pickup_place_en": "Lakeside branch", "pickup_days": 14,
    "per_member_period": "month", "coupon_template": "", "red_packet_cents": None,
    "funding_source": "merchant", "benefit_zh": "", "benefit_en": "", "benefit_days": None,
    "low_stock_at": 3, "benefit": "", "pickup_place": "Lakeside branch", "excluded_by": None,
}  # fmt: skip

MALL: dict[str, Values] = {
    "CounterOut": {"refusal": None},
    "CounterRefusal": {
        "code": "redemption.already_handed_over", "detail": "This was handed over already.",
    },
    "DeliveredOut": _GIVEN,
    "ForTiersOut": {"names": ["Gold", "Platinum"], "is_and_above": True},
    "GiftCodesAdded": {"added": 98, "duplicates": ["AMZ-7KQ4-2XW9"], "stock": 120},
    "GiftCodesIn": {"codes": ["AMZ-7KQ4-2XW9", "AMZ-8RT5-3YZ2"], "text": "AMZ-7KQ4-2XW9"},
    "GiftCodesOut": {"codes": ["AMZ-7KQ4-2XW9"]},
    "MallItemChange": _ITEM,
    "MallItemIn": _ITEM,
    "MallItemOut": _ITEM,
    "MallVariantOut": {"name": "Red", "stock_left": 12, "is_sold_out": False},
    "PaymentNoteIn": {"note": "Paid at the counter"},
    "PickupIn": {"code": "7KQ4M-2XW9P"},
    "PickupVerificationIn": {"code": "7KQ4M-2XW9P", "only_look": False},
    "PickupVerifications": {
        "answer": {
            "status": "fulfilled", "fulfilled_at": LATER, "can_cancel": False, "delivery": "pickup",
        }
    },
    "RedemptionIn": {
        "variant_id": None, "delivery": None, "payment": "outside", "quantity": 1, "address": None,
    },
    "RedemptionOut": {
        "code": "7KQ4M-2XW9P", "status": "pending", "points": 800, "tracking": "", "variant": "Red",
        "delivery": "pickup", "payment": "", "delivered": _GIVEN, "price_cents": 0,
        "pickup_place": "Lakeside branch", **_TILL,
    },
    "RedemptionPayment": {"answer": {"status": "pending", "paid_at": LATER, "payment": "later"}},
    "RedemptionPaymentReturn": {
        "answer": {
            "status": "cancelled", "payment": "later", "price_cents": 1_990, "can_cancel": False,
            "payments": [{**_CARD, "id": ID, "status": "settled", "note": "user:1: Bank transfer"}],
        }
    },
    "StaffPaymentOut": _CARD,
    "RedemptionUse": {"answer": {"status": "fulfilled", "used_at": LATER, "can_cancel": False}},
    "ItemVariantIn": {**_RED, "id": None},
    "ItemVariantOut": _RED,
}  # fmt: skip
