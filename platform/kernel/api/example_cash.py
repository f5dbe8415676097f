"""Examples of cash: the story of docs/algorithms/red-packets.md and docs/how-to/pay-out.md."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_PACKET: Values = {
    "kind": "random", "title_zh": "恭喜发财", "title_en": "Good luck", "title": "Good luck",
    "total_cents": 10_000, "shares_count": 5, "audience": "all", "audience_code": "",
    "funding_source": "brand-a", "ends_at": LATER,
}  # fmt: skip
_MADE: Values = {
    **_PACKET, "taken_cents": 4_120, "taken_count": 2, "returned_cents": 0, "status": "open",
    "created_by_name": "Lin", "created_at": MOMENT, "ended_at": None, "is_for_me": True,
    "my_cents": 888,
}  # fmt: skip
_PAYEE: Values = {"payee_name": "王梅", "payee_account": "6222 0210 0011 2233"}
_WITHDRAWAL: Values = {
    "amount_cents": 5_000, "status": "requested", "provider": "manual", **_PAYEE,
    "requested_at": MOMENT, "requested_by_name": "Mei", "decided_at": None, "decided_by_name": None,
    "decision_note": None, "reference": None, "waiting_for": None, "failure": None,
    "closed_at": None, "can_decide": True, "can_pay": False, "can_cancel": True, "accept": None,
}  # fmt: skip
_DECIDED: Values = {"decided_at": LATER, "decided_by_name": "Lin", "can_decide": False}
_APPROVED: Values = {**_WITHDRAWAL, **_DECIDED, "status": "approved", "can_pay": True}
_REJECTED: Values = {**_WITHDRAWAL, **_DECIDED, "status": "rejected", "closed_at": LATER}
_PAID: Values = {
    **_APPROVED, "status": "paid", "reference": "BANK-20261031-7", "closed_at": LATER,
    "can_pay": False,
}  # fmt: skip
_ENDED: Values = {"status": "ended", "returned_cents": 5_880, "ended_at": LATER}
_ACCOUNT: Values = {
    "mchid": "1900000001", "appid": "wxf636efh567hg4356",
    "serial": "5F1E0B7A9C3D", "platform_key_id": "PUB_KEY_ID_0114232134912410000000000000",
    "scene_id": "1000",
}  # fmt: skip

CASH: dict[str, Values] = {
    "AcceptOut": {"mchid": "1900000001", "appid": "wxf636efh567hg4356", "package": "ABBQO+oYAAA"},
    "CashGrantIn": {
        "external_id": "review-77", "amount_cents": 888, "funding_source": "brand-a",
        "note": "Thank you for your review",
    },
    "CashGrantOut": {
        "external_id": "review-77", "transaction_id": "184467", "amount_cents": 888,
        "cash_cents": 5_888,
    },
    "CashOut": {
        "is_open": True, "cash_cents": 5_888, "held_cents": 0, "on_its_way_cents": 5_000,
        "available_points": 1_250, "points_per_unit": 100, "min_points": 100, "step_points": 100,
        "max_points": 1_200, "max_cents": 1_200, "left_cents": 2_000, "can_withdraw": True,
        "payout": "manual", "min_withdrawal_cents": 100, "max_withdrawal_cents": 5_888, **_PAYEE,
    },
    "CashOverview": {
        "waiting": 2, "outstanding_cents": 128_800, "on_its_way_cents": 12_000,
        "exchanged_today_cents": 4_400,
    },
    "CashTransactionOut": {
        "id": "184467", "kind": "earn", "amount_cents": 888, "balance_after_cents": 5_888,
        "reason": "Red packet: Good luck", "order_external_id": None,
    },
    "PayoutComparisonIn": {
        "statement": "reference,amount,status\nBANK-20261031-7,50.00,paid\n", "since": MOMENT,
    },
    "PayoutComparisonOut": {"compared": 12},
    "WithdrawalDecisionIn": {"note": "Checked against the receipt"},
    "PayoutDifference": {
        "what": "amount", "withdrawal_id": ID, "reference": "BANK-20261031-7",
        "our_status": "paid", "their_status": "paid", "our_cents": 5_000, "their_cents": 500,
    },
    "CashExchangeIn": {"points": 500},
    "CashExchangeOut": {"points": 500, "amount_cents": 500, "available": 750, "cash_cents": 5_888},
    "MemberCashExchangeIn": {"points": 500},
    "MemberWithdrawalIn": {"amount_cents": 5_000, **_PAYEE},
    "MyRedPacketOut": _MADE,
    "MyWithdrawalOut": {**_WITHDRAWAL, "payee_account": "*** 2233"},
    "WithdrawalPaymentIn": {"reference": "BANK-20261031-7"},
    "PayoutAccountIn": {
        **_ACCOUNT, "private_key": "-----BEGIN PRIVATE KEY-----\n…", "api_key": "0123456789abcdef0123456789abcdef",
        "platform_key": "-----BEGIN PUBLIC KEY-----\n…",
    },
    "PayoutAccountOut": {
        **_ACCOUNT, "is_set": True, "scene_infos": [],
        "notify_url": "https://tea.example.com/hooks/wechat-pay", "changed_at": MOMENT,
    },
    "RedPacketEnding": {"answer": _ENDED},
    "RedPacketIn": _PACKET,
    "RedPacketOut": _MADE,
    "RedPacketShareOut": {"number": 3, "amount_cents": 888, "taken_at": MOMENT},
    "SceneInfo": {"info_type": "活动名称", "info_content": "积分红包"},
    "ShareRow": {"number": 3, "amount_cents": 888, "taken_at": MOMENT},
    "TakerOut": {
        "name": "M**", "amount_cents": 888, "taken_at": MOMENT, "is_me": True, "is_luckiest": False,
    },
    "StripePayoutAccountIn": {"secret_key": "rk_live_51TeahouseExample4242"},
    "StripePayoutAccountOut": {
        "is_set": True, "last_four": "4242", "is_live": True, "changed_at": MOMENT,
    },
    "WithdrawalApproval": {"answer": _APPROVED},
    "WithdrawalCancellation": {
        "answer": {"status": "cancelled", "closed_at": LATER, "can_cancel": False}
    },
    "WithdrawalIn": {"amount_cents": 5_000, **_PAYEE},
    "WithdrawalOut": _WITHDRAWAL,
    "WithdrawalPayment": {"answer": _PAID},
    "WithdrawalRejection": {"answer": _REJECTED},
    "WithdrawalRow": _WITHDRAWAL,
}  # fmt: skip
