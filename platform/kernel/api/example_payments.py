"""Examples of the ways to pay: at the counter and by card."""

from kernel.api.example_values import MOMENT, Values

_OFFLINE: Values = {
    "is_on": True,
    "instructions_zh": "到店付款，或转账至龙井茶馆对公账户 6222 0000 0000 0000。",
    "instructions_en": "Pay at the tea house, or transfer to account 6222 0000 0000 0000.",
}
_STRIPE: Values = {
    "is_available": True, "is_on": True, "is_offered": True, "status": "active",
    "account_id": "acct_1Qd2Tea0House", "is_test": False, "checked_at": MOMENT,
}  # fmt: skip
PAYMENTS: dict[str, Values] = {
    "OfflineOut": _OFFLINE,
    "OfflineChange": _OFFLINE,
    "StripeOut": _STRIPE,
    "StripeChange": {"is_on": True},
    "ConnectionOut": {"url": "https://connect.stripe.com/setup/s/acct_1Qd2Tea0House/x7Yb2"},
    "Shop": {
        "payments": ["offline", "stripe"], "offline_zh": _OFFLINE["instructions_zh"],
        "offline_en": _OFFLINE["instructions_en"],
    },
}  # fmt: skip
