"""What the examples in the OpenAPI files say: one day of Mei, member of the tea house.

She ordered 100 g of tea for 110.00, which earned 110 points, and redeems a mug for 800.
"""

ID = "01a20077-438c-767c-86e5-9c0bfbe1af05"
MOMENT = "2026-10-31T10:00:00+08:00"
LATER = "2026-10-31T10:20:00+08:00"
DAY = "2026-10-31"
_ORDER = "20261031-8"
_SHOP = "https://tea-house.example.com/"
# How a file begins: what its columns are called, and one line.
CSV = "When,Who,Action\r\n2026-10-31T10:00:00+08:00,Lin,program.changed\r\n"
Values = dict[str, object]

# By field, wherever a value of this kind is allowed.
BY_NAME: Values = {
    "actor": None,
    "address": {
        "name": "Mei",
        "phone": "13800000001",
        "region": "杭州市西湖区",
        "line": "龙井路 1 号",
    },
    "adjusted_points": 0,
    "amount": 110,
    "amount_cents": 11_000,
    "at": MOMENT,
    "available": 1_250,
    "balance_after": 1_250,
    "base_points": [1, 1, 2, 2, 3, 3, 5],
    "birthday": "1995-02-03",
    "brand_color": "#2f7d4f",
    "can_cancel": True,
    "cancelled_at": None,
    "category": "tea",
    "channel": "shop",
    "closed_at": None,
    "company": "Tea House",
    "console_url": f"{_SHOP}console/",
    "currency": "CNY",
    "date": DAY,
    "days": None,
    "debt_limit_points": None,
    "description": "Bone china, 350 ml.",
    "description_en": "Bone china, 350 ml.",
    "description_zh": "骨瓷，350 毫升。",
    "earned": 110,
    "email": "mei@example.com",
    "ending_by": None,
    "expired_points": 240,
    "expires_at": "2027-11-01T00:00:00+08:00",
    "expires_in_seconds": 600,
    "external_id": _ORDER,
    "from": "2026-10-01",
    "fulfilled_at": None,
    "funding_source": "merchant",
    "goods_cents": 11_000,
    "granted": 110,
    "id": "184467",
    "image": "2615",
    "issued": 110,
    "issued_points": 12_600,
    "jobs": {"wallets_refreshed": 3},
    "key": "jf_0123456789abcdefghijklmnopqrstuv",
    "kind": "goods",
    "liability_cents": 81_500,
    "lifetime_earned": 3_480,
    "line": "龙井路 1 号",
    "locale": "zh-hans",
    "logo": "🍵",
    "mall_item_id": ID,
    "matures_at": MOMENT,
    "max_discount_cents": 1_250,
    "max_points": None,
    "member_code": "48291537",
    "member_external_id": "mei",
    "month": "2026-10",
    "months": 12,
    "name": "Mei",
    "next": None,
    "note": None,
    "notice_days": [30, 7],
    "now": MOMENT,
    "order_external_id": _ORDER,
    "orders_count": 12,
    "outcome": "created",
    "outstanding": 1_250,
    "outstanding_points": 81_500,
    "paid_cents": 11_000,
    "password": "a cup of green tea at noon",
    "per_member_limit": 2,
    "permissions": ["members:read", "orders:read"],
    "phone": "13800000001",
    "point_name": "points",
    "point_name_en": "points",
    "point_name_zh": "积分",
    "points": 110,
    "points_earned": 110,
    "points_value_cents": 1_250,
    "prefix": "jf_0123456",
    "price_points": 800,
    "progress": 60,
    "quantity": 1,
    "reason": "Welcome back",
    "redeemed_count": 3,
    "reference": "till-2-0815",
    "region": "杭州市西湖区",
    "remaining": 110,
    "resend_in_seconds": 60,
    "revoked_at": None,
    "role": "owner",
    "scopes": ["orders:write", "members:read"],
    "sku": "TEA-100",
    "slug": "tea-house",
    "spent_cents": 348_000,
    "spent_points": 3_900,
    "state": "done",
    "status": "completed",
    "stock": 40,
    "stock_left": 40,
    "storefront_url": _SHOP,
    "tags": ["tea"],
    "template": "food",
    "tier": None,
    "timezone": "Asia/Shanghai",
    "title": "Mug",
    "title_en": "Mug",
    "title_zh": "马克杯",
    "total": 1,
    "tracking": "SF1234567890",
    "transaction_id": "184467",
    "unit": "points",
    "until": "2027-03-31",
    "unit_cost_cents_per_1000_points": 400,
}

_MEI: Values = {"external_id": "mei"}
_OWNER: Values = {"id": ID, "name": "Lin", "email": "owner@tea.example"}
_BRAND: Values = {"code": "brand-a", "name": "Brand A"}
_ON_SALE: Values = {
    "status": "on_sale",
    "on_sale_from": "2026-11-01T00:00:00+08:00",
    "on_sale_until": "2026-12-01T00:00:00+08:00",
}
_KEY: Values = {"name": "Till"}
_BENEFITS: Values = {
    "earn_multiplier": "1.25", "member_price_rate": "0.95", "free_shipping": True,
    "birthday_points": 200, "checkin_bonus_points": 2, "exclusive_items": False,
}  # fmt: skip
_GOLD_NAMES: Values = {
    "name": "Gold",
    "name_zh": "金卡会员",
    "name_en": "Gold",
    "threshold": 1_000,
    "color": "#b7862b",
}
_GOLD: Values = {"code": "gold", **_GOLD_NAMES}
_STANDING: Values = {
    "member_id": ID, "earned_tier": "gold", "since": MOMENT, "value": 1_020,
    "counts_from": "2025-10-31T00:00:00+08:00", "counts_until": "2026-11-15T00:00:00+08:00",
    "next_tier": {
        "code": "platinum", "level": 4, "name": "Platinum", "name_zh": "白金会员",
        "name_en": "Platinum", "threshold": 2_000, "color": "#4b5563",
    },
    "missing": 980, "progress_rate": "0.02", "keeps_until": "2027-11-01T00:00:00+08:00",
    "keep_missing": 1_000, "grace_ends_at": None, "manual_until": None, "reason": None,
}  # fmt: skip
_STAFF = f"staff:{ID}"
_DECIDED: Values = {
    "status": "executed", "decided_by": f"staff:{ID}", "decided_by_name": "Lin", "decided_at": LATER,
    "transaction_id": "184467", "available": None, "can_decide": False,
}  # fmt: skip
_WAITING: Values = {
    "points": 1_500, "reason": "Lost card", "status": "waiting", "requested_by": _STAFF,
    "requested_by_name": "Wen", "requested_at": MOMENT, "expires_at": "2026-11-07T10:00:00+08:00",
    "decided_by": None, "decided_by_name": None, "decided_at": None, "decision_note": None,
    "transaction_id": None, "worth_cents": 1_500, "available": 1_250, "can_decide": True,
}  # fmt: skip
_ENTRY: Values = {
    "actor": _STAFF, "actor_name": "Lin", "actor_role": "owner", "surface": "console",
    "action": "program.changed", "subject": "program", "subject_name": None,
    "before": {"earning": {"points_per_step": 1}}, "after": {"earning": {"points_per_step": 2}},
    "request_id": "f0e1d2c3b4a5968778695a4b3c2d1e0f", "business_at": MOMENT, "occurred_at": MOMENT,
}  # fmt: skip
_STEP: Values = {
    "title": "What counts",
    "detail": "110.00 CNY of the goods count, without shipping and tax.",
}
_EXPLAINED: Values = {"summary": "This order earned 110 points."}
_SIGN_UP: Values = {"id": ID, "status": "provisioning"}

# By struct or view, where the field alone says too little; values for a struct in it are laid over.
BY_STRUCT: dict[str, Values] = {
    "Benefits": _BENEFITS,
    "BenefitsIn": _BENEFITS,
    "CountedTierOut": {**_GOLD, "level": 3, "members_count": 84},
    "ManualTierIn": {"tier": "gold", "until": "2027-10-31T00:00:00+08:00", "reason": "A regret"},
    "MembershipOut": _STANDING,
    "MemberTierOut": _STANDING,
    "TierChange": _GOLD_NAMES,
    "TierIn": _GOLD,
    "TierMoveOut": {
        "kind": "upgrade", "from_tier": "silver", "to_tier": "gold",
        "explanation": "Reached 1,020 growth; Gold begins at 1,000 growth.",
        "occurred_at": MOMENT, "recorded_at": MOMENT,
        "why": {"by": "growth", "value": 1_020, "threshold": 1_000},
    },
    "TierOut": {**_GOLD, "level": 3},
    "TierRef": {"code": "gold", "name": "Gold", "level": 3, "color": "#b7862b"},
    "TierReleaseIn": {"reason": "Agreed with the member"},
    "TierRule": {"is_on": True},
    "AdjustmentApproval": {"answer": _DECIDED},
    "AdjustmentListQuery": {"status": "waiting"},
    "AdjustmentQuery": {"status": "waiting"},
    "AdjustmentRejection": {
        "answer": {**_DECIDED, "status": "rejected", "transaction_id": None,
                   "decision_note": "Wrong member"},
    },
    "AdjustmentRequestOut": _WAITING,
    "AdjustmentRow": _WAITING,
    "AllowanceOut": {
        "approval_above_points": 1_000, "daily_points": 3_000, "used_points": 800,
        "left_points": 2_200, "waiting": 1,
    },
    "ApprovalIn": {"note": "Seen the receipt"},
    "AuditEntryOut": _ENTRY,
    "ChangeOut": {"field": "earning.points_per_step", "old": 1, "new": 2},
    "EntryRow": _ENTRY,
    "RejectionIn": {"note": "Wrong member"},
    "StaffRow": {
        "name": "Wen", "email": "wen@tea.example", "role": "support", "joined_at": MOMENT,
        "used_points": 800, "left_points": 2_200, "is_me": False,
    },
    "AdjustmentOut": {
        "transaction": {
            "kind": "adjust", "reason": "Correction: Welcome back", "order_external_id": None,
            "note": "Welcome back", "approved_by": None,
        },
    },
    "AddressAnswer": {"reason": "taken", "suggestions": ["tea-house-shop"]},
    "ApiKeyIn": _KEY,
    "ApiKeyRevocation": {"answer": {"revoked_at": LATER}},
    "ApiKeyOut": _KEY,
    "BrandChange": {"name": "Tea House"},
    "BrandOut": {"name": "Tea House"},
    "CancellationIn": {"reason": "Ordered by mistake"},
    "ChargebackOut": {"external_id": "CB-1", "reversal": None},
    "ChargebackReversal": {
        "answer": {
            "points": {"clawed_back": 0, "returned": 0, "debt": 0, "uncovered": 0},
            "reversal": {
                "reversed_at": LATER, "restored_points": 110, "spent_again_points": 0,
                "left_with_member_points": 0,
            },
        }
    },
    "CodeIn": {"address": "13800000001"},
    "ExchangedLineOut": {"external_id": "1"},
    "ExchangeOut": {
        "external_id": "X-1", "cash_back_cents": 0, "cash_due_cents": 2_000, "points_moved": 110,
        "points_earned": 20, "steps": [],
        "points": {"clawed_back": 0, "returned": 0, "debt": 0, "uncovered": 0},
    },
    "Expiry": {"date": None},
    "ExtensionOut": {"status": "done", "member_id": None},
    "Explanation": _EXPLAINED,
    "ExplanationOut": {
        **_EXPLAINED,
        "evaluation": {
            "rule": "default", "basis": "goods_paid", "base_cents": 11_000, "excluded_cents": 0,
            "deducted_cents": 0, "step_cents": 100, "points_per_step": 1, "rounding": "floor",
            "steps": 110, "points": 110,
        },
    },
    "ExplanationStep": _STEP,
    "Figures": {
        "issued_points": {"value": 12_600, "previous": 11_480},
        "spent_points": {"value": 3_900, "previous": 3_210},
        "expired_points": {"value": 240, "previous": 310},
        "clawed_back_points": {"value": 55, "previous": 0},
        "outstanding_points": {"value": 81_500, "previous": 73_095},
        "liability_cents": {"value": 81_500, "previous": 73_095},
        "redemption_rate": {"value": 0.31, "previous": 0.28},
        "active_members": {"value": 96, "previous": 88},
        "orders_with_points": {"value": 118, "previous": 104},
        "new_members": {"value": 14, "previous": 11},
    },
    "FulfilmentIn": {"note": "Handed over at the counter"},
    "FundingSourceIn": _BRAND,
    "FundingSourceOut": _BRAND,
    "FundingSourceRef": {"code": "merchant", "name": "Merchant"},
    "HoldCapture": {"answer": {"status": "captured", "closed_at": LATER}},
    "HoldIn": {"expires_in_seconds": 1_800},
    "HoldOut": {"status": "open", "expires_at": "2026-10-31T10:30:00+08:00"},
    "HoldRelease": {"answer": {"status": "released", "closed_at": LATER}},
    "IncomingChargeback": {"external_id": "CB-1"},
    "IncomingExchange": {"external_id": "X-1"},
    "IncomingLine": {"external_id": "1"},
    "IncomingRefund": {"external_id": "R-1", "amount_cents": 5_500},
    "IncomingRefundLine": {"external_id": "1", "amount_cents": 5_500},
    "MallItemChange": _ON_SALE,
    "MallItemIn": _ON_SALE,
    "MallItemOut": _ON_SALE,
    "MemberIn": _MEI,
    "MemberOut": _MEI,
    "MemberRef": _MEI,
    "MemberRow": _MEI,
    "MeOut": _MEI,
    "MonthOut": {"spent": 800},
    "NewApiKeyOut": _KEY,
    "OrderIn": {"member_id": None, "hold_id": None},
    "OrderLineOut": {"external_id": "1"},
    "OrderOut": {"offset": None, "refunds": []},
    "OrderPoints": {"pending": 0},
    "OrderResult": {"code": None, "detail": None},
    "PingOut": {
        "merchant": "tea-house", "key_prefix": "jf_0123456", "scopes": ["members:read", "orders:write"],
    },
    "PointsReport": {"clawed_back_points": 55},
    "ProgramChange": {
        "face_value_points_per_unit": 100,
        "earning": {"points_per_step": 2},
        "expiry": {"policy": "rolling", "months": 6},
        "offset": {"max_rate": "0.3"},
        "clawback": {"debt": False},
        "checkin": {"cycle": "week"},
        "adjustments": {"approval_above_points": 1_000, "staff_daily_points": 3_000},
    },
    "ProgramView": {"body": {"earning": {"points_per_step": 2}, "offset": {"max_rate": "0.3"}}},
    "QuoteOut": {"max_points": 1_250, "step": 1},
    "RedeemedItemOut": {"kind": "goods"},
    "RedemptionCancellation": {
        "answer": {"status": "cancelled", "cancelled_at": LATER, "can_cancel": False}
    },
    "RedemptionFulfilment": {
        "answer": {
            "status": "fulfilled", "fulfilled_at": LATER, "can_cancel": False,
            "tracking": "SF1234567890",
        }
    },
    "RedemptionOut": {"code": "7KQ4M-2XW9P", "status": "pending", "points": 800, "tracking": ""},
    "RefundOut": {"external_id": "R-1", "amount_cents": 5_500, "cash_netted_cents": 0},
    "RefundPoints": {"clawed_back": 55},
    "RefundQuoteIn": {"amount_cents": 5_500},
    "RefundQuoteOut": {"amount_cents": 5_500, "cash_cents": 5_500, "cash_netted_cents": 0},
    "ReplacementOut": {"external_id": "2", "amount_cents": 13_000, "points": 130},
    "RefundStep": {"step": "own_lots", "points": 55},
    "ScopeOut": {"code": "orders:write", "title": "Send orders, completions and refunds"},
    "SessionBody": {"email": "owner@tea.example"},
    "SessionIn": {"address": "13800000001", "code": "482915"},
    "SignupAnswer": {"id": ID, "status": "unverified"},
    "SignupBody": {"email": "owner@tea.example"},
    "StepAnswer": {"code": "schema", "title": "A data room of your own"},
    "TestClockIn": {"run_jobs": True},
    "TransactionOut": {"kind": "earn", "approved_by": None, "reason": f"Order {_ORDER}"},
    "ProgressAnswer": _SIGN_UP,
    "UserAnswer": _OWNER,
    "UserOut": _OWNER,
    "VerificationBody": {"code": "482915"},
    "WorkplaceAnswer": {"name": "Tea House"},
}  # fmt: skip

# Lists whose items a schema cannot describe, as each is read by itself.
ITEMS_LIKE = {("OrderBatchIn", "orders"): "OrderIn"}
