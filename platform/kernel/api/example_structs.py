"""Examples of whole bodies and answers, where the field alone says too little."""

from kernel.api.example_cash import CASH
from kernel.api.example_coupons import COUPONS
from kernel.api.example_mall import MALL
from kernel.api.example_members import PROFILES
from kernel.api.example_payments import PAYMENTS
from kernel.api.example_referral import REFERRAL
from kernel.api.example_shop import SHOP
from kernel.api.example_shop_orders import SHOP_ORDERS
from kernel.api.example_trials import TRIALS
from kernel.api.example_values import ID, LATER, MEI, MOMENT, ORDER, Values

_MEI: Values = MEI
_OWNER: Values = {"id": ID, "name": "Lin", "email": "owner@tea.example"}
_BRAND: Values = {"code": "brand-a", "name": "Brand A"}
_REGULARS: Values = {
    "code": "regulars", "name": "Regulars", "description": "Came five times or more",
    "condition": {">=": [{"var": "member.orders_count"}, 5]},
    "summary": "Number of orders is at least 5", "version": 1,
}  # fmt: skip
_KEY: Values = {"name": "Till"}
_BENEFITS: Values = {
    "earn_multiplier": "1.25", "birthday_points": 200, "checkin_bonus_points": 2,
    "member_price_rate": "0.95", "free_shipping": True, "monthly_coupon": "twenty-off",
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
    "detail": "¥110.00 of the goods count, without shipping and tax.",
}
_EXPLAINED: Values = {"summary": "This order earned 110 points."}
_SIGN_UP: Values = {"id": ID, "status": "provisioning"}

_SIGNED: Values = {
    "rows": 4, "members_new": 3, "members_known": 0, "points": 1_550, "growth": 500, "cost_cents": 620,
}  # fmt: skip
_RECEIVER: Values = {
    "url": "https://crm.tea-house.example.com/jifen", "description": "CRM",
    "topics": ["points.earned", "points.spent"], "status": "enabled", "status_reason": None,
    "failing_since": None, "previous_secret_until": None,
    "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}  # fmt: skip
_TOLD: Values = {"topic": "points.earned", "subject": ID, "error": ""}
_DELIVERED: Values = {
    **_TOLD, "status": "delivered", "attempts": 1, "next_attempt_at": None, "finished_at": LATER,
    "response_status": 200, "duration_ms": 84,
}  # fmt: skip
_UNSENT: Values = {
    "status": "pending",
    "attempts": 0,
    "next_attempt_at": LATER,
    "finished_at": None,
    "response_status": None,
    "duration_ms": None,
}

_REWARD: Values = {
    "kind": "multiplier", "factor": "2", "points": None, "per_cents": None, "rate": None,
    "per": None, "template": None, "lines": None,
}  # fmt: skip
_RULE: Values = {
    "name": "Double points on Fridays", "trigger": "order.completed", "reward": _REWARD,
    "conditions": {"==": [{"var": "clock.weekday"}, 5]}, "task": None, "segments": [],
    "starts_at": "2026-11-01T00:00:00+08:00", "ends_at": "2026-12-01T00:00:00+08:00",
}  # fmt: skip
_EVENT: Values = {
    "id": "review-4711", "type": "review.posted", "properties": {"stars": 5},
}  # fmt: skip
_GAVE: Values = {
    "code": "review", "name": "A review", "outcome": "granted", "reason": "", "points": 30, "coupon": None,
    "detail": "Gave 30 points.",
}  # fmt: skip
_STAND: Values = {
    "code": "friday", "name": "Double points on Fridays", "status": "live", "version": 1,
    "effective_from": MOMENT, "awards": 12, "points": 1_320, "members": 9, "coupons": 0,
    "coupons_missed": 0,
}  # fmt: skip

# By struct or view; values for a struct in it are laid over.
BY_STRUCT: dict[str, Values] = {
    **PAYMENTS,
    **MALL,
    **PROFILES,
    **COUPONS,
    **SHOP_ORDERS,
    **SHOP,
    **TRIALS,
    **CASH,
    **REFERRAL,
    "TaskOut": {
        "code": "review", "title": "Review what you bought", "hint": "Up to three times a month.",
        "link": "/mall", "points": 50, "reward": "", "coupon": None, "claims_waiting": 1, "points_earned": 0,
        "done_at": None, "again_at": None, "ends_at": None,
    },
    "TaskItems": {"claims_waiting": 1},
    "ProgressOut": {"period": "month", "times": 1, "most": 3},
    "TaskClaimOut": {"task_code": "review", "points": 50, "coupon": None},
    "EventIn": _EVENT,
    "EventOut": {**_EVENT, "points_earned": 30},
    "EventQuery": {"type": "review.posted"},
    "EventResult": {
        "id": "review-4711", "outcome": "created", "points_earned": 30, "code": None, "detail": None,
    },
    "Reward": _REWARD,
    "RuleDetailOut": _STAND,
    "RuleDocument": _RULE,
    "RuleIn": {**_RULE, "code": "friday", "status": "published"},
    "RuleOut": _STAND,
    "RuleSheet": {
        **_STAND, "condition_words": "Day of the week (Monday is 1) is 5", "lines_words": None,
    },
    "RuleAward": {
        "status": "granted", "reason": "", "detail": "Gave 30 points.", "source_type": "event",
        "planned_points": 30, "granted_points": 30, "is_coupon": False,
    },
    "RuleVersionRow": {
        "number": 1, "effective_from": MOMENT, "published_by": f"staff:{ID}",
        "published_by_name": "Lin", "restores": None,
    },
    "RuleResultOut": _GAVE,
    "EarningRuleView": {"body": {"priority": 5, "status": "published"}},
    "VersionOut": {"number": 1, "effective_from": MOMENT, "published_by": "key:jf_3Fh2", "restores": None},
    "FundingSourceChange": {"budget_points": None, "budget_rate": "0.03", "alert_rate": "0.8"},
    "BudgetOut": {
        "budget_points": 100_000, "budget_rate": None, "alert_rate": "0.8", "measure": "points",
        "limit": 100_000, "used": 61_250, "left": 38_750,
    },
    "SettlementQuery": {"month": "2026-10"},
    "Settlement": {"month": "2026-10", "first": "2026-10-01", "last": "2026-10-31"},
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
    "ChoiceOut": {"value": "10", "label": "October"},
    "FieldGroupOut": {"code": "orders", "label": "Orders"},
    "FieldOut": {
        "name": "member.orders_count", "kind": "whole", "label": "Number of orders",
        "group": "orders", "operators": ["==", "!=", "<", "<=", ">", ">=", "between", "in"],
        "operators_of_days_ago": [], "choices": [],
    },
    "FreePropertiesOut": {"prefix": "event.properties.", "label": "Property of the event"},
    "FulfilmentIn": {"note": "Handed over at the counter"},
    "FundingSourceIn": {
        **_BRAND, "budget_points": 100_000, "budget_rate": None, "alert_rate": "0.8",
    },
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
    "RefundOut": {"external_id": "R-1", "amount_cents": 5_500, "cash_netted_cents": 0},
    "RefundPoints": {"clawed_back": 55},
    "RefundQuoteIn": {"amount_cents": 5_500},
    "RefundQuoteOut": {"amount_cents": 5_500, "cash_cents": 5_500, "cash_netted_cents": 0},
    "ReplacementOut": {"external_id": "2", "amount_cents": 13_000, "points": 130},
    "RefundStep": {"step": "own_lots", "points": 55, "coupon": None},
    "ScopeOut": {"code": "orders:write", "title": "Send orders, completions and refunds"},
    "SegmentChange": {"name": "Faithful regulars", "description": "Came five times or more"},
    "SegmentIn": {k: v for k, v in _REGULARS.items() if k not in ("summary", "version")},
    "SegmentOut": _REGULARS,
    "SegmentPreview": {"total": 2_350, "summary": _REGULARS["summary"]},
    "SegmentPreviewOut": {"total": 2_350, "summary": _REGULARS["summary"]},
    "SessionBody": {"email": "owner@tea.example"},
    "SessionIn": {"address": "13800000001", "code": "482915"},
    "DeliveryDetailOut": {
        **_DELIVERED, "url": "https://crm.tea-house.example.com/jifen", "response_body": "ok",
        "request_body": '{"type":"points.earned","version":1,"timestamp":"2026-10-31T02:00:00Z","data":{}}',
    },
    "DeliveryOut": _DELIVERED,
    "DeliveryQuery": {"status": "parked", "topic": "points.earned"},
    "CommitIn": {"totals": _SIGNED, "skip_refused": True},
    "ImportIn": {"name": "old-till", "file_name": "members.csv"},
    "ImportOut": {
        "name": "old-till", "file_name": "members.csv", "status": "checked", "rows_count": 7,
        "signed": None, "written": None, "job": None, "created_by_name": "Lin", "signed_by_name": "",
        "signed_at": None, "finished_at": None,
    },
    "MonthTotal": {"month": "2027-12", "points": 1_550},
    "ProblemOut": {
        "number": 5, "field": "points", "code": "imports.value_invalid", "facts": {"value": "many"},
        "detail": "“many” cannot be read here.", "row": {"external_id": "V-4", "points": "many"},
    },
    "RowIn": {
        "external_id": "V-1", "name": "Mei", "phone": "13800000001", "email": "mei@example.com",
        "channel": None, "birthday": "1995-02-03", "joined_at": "2023-05-06", "tags": ["tea"],
        "tier": "gold", "tier_until": "2027-12-31", "points": 1_200, "expires_at": "2027-12-31",
        "earned_at": None, "funding_source": None, "growth": 500, "reference": None,
        "custom": {"taste": "green"},
    },
    "SignedTotals": _SIGNED,
    "SourceTotal": {"funding_source": "merchant", "points": 1_550, "cost_cents": 620},
    "Totals": {
        **_SIGNED, "refused": 3, "repeated": 0, "members_updated": 0, "lots": 3,
    },
    "JobErrorOut": {
        "code": "jobs.gave_up", "detail": "It broke off 5 times.", "facts": {"attempts": 5},
    },
    "JobOut": {
        "kind": "import.check", "subject": ID, "status": "running", "done": 60_000, "total": 100_000,
        "progress": 60, "result": None, "error": None, "asked_by_name": "Lin", "finished_at": None,
    },
    "JobQuery": {"kind": "import.check"},
    "EndpointChange": _RECEIVER,
    "EndpointIn": _RECEIVER,
    "EndpointOut": _RECEIVER,
    "NewEndpointOut": _RECEIVER,
    "HealthOut": {"pending": 2, "recent_delivered": 98, "recent_parked": 0},
    "ReplaysOut": {"replayed": 14},
    "RotationOut": {"secret": _RECEIVER["secret"], "previous_secret_until": "2026-11-01T10:00:00+08:00"},
    "TopicOut": {
        "code": "points.earned", "title": "Points were earned", "version": 1,
        "example": {"amount": 110, "member_id": ID},
    },
    "TryOut": {"at": LATER, "status": 200, "error": "", "duration_ms": 84},
    "WebhookDeliveryReplays": {"answer": _UNSENT},
    "WebhookTestEvents": {"answer": {**_UNSENT, "topic": "webhook.test", "subject": ""}},
    "SignupAnswer": {"id": ID, "status": "unverified"},
    "SignupBody": {"email": "owner@tea.example"},
    "StepAnswer": {"code": "schema", "title": "A data room of your own"},
    "TagItems": {"items": ["tea", "vip"]},
    "TestClockIn": {"run_jobs": True},
    "TransactionOut": {"kind": "earn", "approved_by": None, "reason": f"Order {ORDER}"},
    "ProgressAnswer": _SIGN_UP,
    "UserAnswer": _OWNER,
    "UserOut": _OWNER,
    "VerificationBody": {"code": "482915"},
    "WorkplaceAnswer": {"name": "Tea House"},
}  # fmt: skip

# Lists whose items a schema cannot describe, as each is read by itself.
ITEMS_LIKE = {("OrderBatchIn", "orders"): "OrderIn", ("EventBatchIn", "events"): "EventIn"}
