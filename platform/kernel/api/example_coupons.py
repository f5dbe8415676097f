"""Examples of coupons: the story of docs/algorithms/coupons.md."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_CODE = "7KQ4-M2XW-9PAB"
_UNTIL = "2026-11-30T16:00:00Z"
_WORDS: Values = {
    "headline": "¥20.00", "summary": "¥20.00 off ¥100.00 or more", "scope": "For all goods",
    "validity": "30 days from the day you get it",
    "rules": ["One for each order", "Comes back when the order is refunded"],
}  # fmt: skip
_MINE: Values = {**_WORDS, "validity": "Until 2026-11-30"}
_TERMS: Values = {
    "kind": "amount_off", "amount_cents": 2_000, "rate": None, "cap_cents": None,
    "threshold_cents": 10_000, "stacks": False, "with_points": True,
}  # fmt: skip
_TEMPLATE: Values = {
    **_TERMS, "name": "Twenty off", "name_zh": "满减券", "name_en": "Twenty off", "scope": "all",
    "categories": [], "skus": [], "excluded_categories": ["gift-cards"], "excluded_skus": [],
    "valid_from": None, "valid_until": None, "valid_days": 30, "total": 1_000, "per_member": 1,
    "is_claimable": True, "claim_from": None, "claim_until": None, "tiers": [], "segment": "",
    "returns_on_refund": True, "funding_source": "merchant", "status": "active",
}  # fmt: skip
_FIGURES: Values = {
    "issued": 240, "used": 61, "expired": 30, "voided": 2, "left": 760, "cost_cents": 122_000,
}  # fmt: skip
_COUPON: Values = {
    **_TERMS, "id": ID, "code": _CODE, "state": "issued", "template": "twenty-off",
    "name": "Twenty off", "member_id": ID, "words": _MINE, "valid_from": MOMENT,
    "valid_until": _UNTIL, "source": "api", "source_id": "welcome-mei", "issued_at": MOMENT,
    "reference": None, "locked_until": None, "used_at": None, "discount_cents": 0,
    "returned_at": None, "ended_at": None, "void_reason": "",
}  # fmt: skip
_LINE: Values = {"sku": "TEA-100", "category": "tea", "amount_cents": 12_000, "quantity": 1}
_JOB: Values = {
    "kind": "coupons.issue", "subject": f"coupon_template:{ID}", "status": "done", "done": 240,
    "total": 240, "progress": 100, "result": {"outcomes": {"issued": 240}}, "error": None,
}  # fmt: skip

COUPONS: dict[str, Values] = {
    "CouponWordsOut": _WORDS,
    "CouponFiguresOut": _FIGURES,
    "CouponTemplateTerms": _TEMPLATE,
    "CouponTemplateIn": {**_TEMPLATE, "code": "twenty-off"},
    "CouponTemplateChange": {**_TEMPLATE, "status": "stopped"},
    "CouponTemplateOut": {**_TEMPLATE, "code": "twenty-off", "words": _WORDS, "figures": _FIGURES},
    "CouponTemplateViewOut": {"batch": _JOB},
    "CouponOut": _COUPON,
    "TierCouponOut": {"code": "twenty-off", "name": "Twenty off", "is_active": True},
    "TierCouponMonthOut": {
        "month": "2026-10",
        "issued_count": 84,
        "missed_count": 2,
        "missed_reason": "limit",
    },
    "CouponIn": {
        "template": "twenty-off",
        "member_external_id": "mei",
        "source": "api",
        "source_id": "welcome-mei",
    },  # fmt: skip
    "CouponListQuery": {"member": "mei", "group": "usable"},
    "CouponQuery": {"group": "usable"},
    "CouponLockIn": {
        "reference": "20261031-8",
        "expires_in_seconds": 1_800,
        "member_external_id": "mei",
    },
    "CouponUseIn": {
        "reference": "20261031-8",
        "discount_cents": 2_000,
        "amount_cents": None,
        "lines": None,
    },  # fmt: skip
    "CouponReferenceIn": {"reference": "20261031-8"},
    "CouponVoidIn": {"reason": "Issued by mistake"},
    "CouponReturnOut": {"is_returned": True, "why": "returned"},
    "CouponLineIn": _LINE,
    "CouponQuoteIn": {"member_external_id": "mei", "codes": [_CODE]},
    "QuotedCouponOut": {
        "discount_cents": 2_000,
        "per_line": [2_000],
        "frees_shipping": False,
        "reason": None,
        "missing_cents": 0,
    },  # fmt: skip
    "CombinedCouponsOut": {
        "discount_cents": 2_000,
        "per_line": [2_000],
        "per_coupon": {_CODE: 2_000},
        "refused": {},
        "frees_shipping": False,
        "allows_points": True,
    },  # fmt: skip
    "CouponAudienceIn": {"kind": "segment", "code": "regulars", "external_ids": []},
    "CouponAudienceOut": {"members_count": 240},
    "CouponClaimIn": {"template": "twenty-off"},
    "CouponOfferOut": {
        "code": "twenty-off",
        "name": "Twenty off",
        "kind": "amount_off",
        "words": _WORDS,
        "state": "open",
        "claimed_by_me": 0,
        "per_member": 1,
        "gone_percent": 24,
        "claim_until": LATER,
    },  # fmt: skip
    "MyCouponOut": {
        "code": _CODE,
        "state": "issued",
        "name": "Twenty off",
        "kind": "amount_off",
        "words": _MINE,
        "is_held": False,
        "valid_from": MOMENT,
        "valid_until": _UNTIL,
        "ends_soon": False,
        "used_at": None,
        "discount_cents": 0,
    },  # fmt: skip
}
