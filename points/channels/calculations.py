"""Scopes, and how a key is made and hashed."""

import hashlib
import secrets

from django.utils.translation import gettext_lazy

SCOPES = {
    "members:read": gettext_lazy("Read members, balances and ledgers"),
    "members:write": gettext_lazy("Create and change members"),
    "imports:read": gettext_lazy("Read imports of members and what was found in them"),
    "imports:write": gettext_lazy("Import members and opening balances"),
    "segments:write": gettext_lazy("Create, change and delete segments"),
    "orders:read": gettext_lazy("Read orders"),
    "orders:write": gettext_lazy("Send orders, completions and refunds"),
    "points:write": gettext_lazy("Hold, spend and adjust points"),
    "mall:read": gettext_lazy("Read mall items and redemptions"),
    "mall:write": gettext_lazy("Create mall items, redeem and fulfil"),
    "coupons:read": gettext_lazy("Read coupon templates and coupons"),
    "coupons:write": gettext_lazy("Set up, issue and use coupons"),
    "shop:read": gettext_lazy("Read products and categories"),
    "shop:write": gettext_lazy("Change products, categories and stock"),
    "shop_orders:read": gettext_lazy("Read shop orders and refunds"),
    "shop_orders:write": gettext_lazy("Send, complete, cancel and refund shop orders"),
    "referral:read": gettext_lazy("Read referrals, distributors and commissions"),
    "referral:write": gettext_lazy("Admit, move and end distributors"),
    "settings:read": gettext_lazy("Read the programme's settings and reports"),
    "settings:write": gettext_lazy("Change the programme's settings"),
    "audit:read": gettext_lazy("Read the audit log"),
    "webhooks:read": gettext_lazy("Read webhook endpoints and their log"),
    "webhooks:write": gettext_lazy("Change webhook endpoints, replay deliveries"),
    "cash:read": gettext_lazy("Read red packets and withdrawals"),
    "cash:write": gettext_lazy("Give and exchange cash, make red packets, ask for withdrawals"),
    "cash:approve": gettext_lazy("Decide on withdrawals and note that they were paid"),
    "*": gettext_lazy("Everything"),
}


def new_key() -> str:
    """An opaque key with 192 bits of chance: `jf_` and 32 URL-safe characters."""
    return f"jf_{secrets.token_urlsafe(24)}"


def hash_key(key: str) -> bytes:
    """SHA-256. A key is long and random, so that a slow hash would protect nothing more."""
    return hashlib.sha256(key.encode()).digest()


def allows(scopes: list[str], needed: str) -> bool:
    """Whether a key with these scopes may do what needs `needed`; writing includes reading."""
    if "*" in scopes or needed in scopes:
        return True
    area, _, verb = needed.partition(":")
    return verb == "read" and (f"{area}:write" in scopes or (area == "points" and bool(scopes)))
