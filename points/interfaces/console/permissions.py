"""Which role may do what. The words are those of the API keys' scopes."""

from tenants.models import Role

_READ = (
    "members:read",
    "orders:read",
    "mall:read",
    "shop:read",
    "settings:read",
    "api_keys:read",
    "webhooks:read",
    "reports:read",
    "coupons:read",
    "shop_orders:read",
    "cash:read",
    "referral:read",
)
_WRITE = (
    "members:write",
    "segments:write",
    "points:write",
    "mall:write",
    "shop:write",
    "settings:write",
    "api_keys:write",
    "webhooks:write",
    "coupons:write",
    "shop_orders:write",
    "cash:write",
    "referral:write",
)

# What only those who answer for the shop may: see what everybody did, be the second person, and bring
# over members with their points.
_OVERSIGHT = (
    "audit:read",
    "staff:read",
    "points:approve",
    "imports:read",
    "imports:write",
    "cash:approve",
)

# Where the shop's money goes.
_PAYMENTS = ("payments:read", "payments:write")

PERMISSIONS: dict[str, tuple[str, ...]] = {
    Role.OWNER: (*_READ, *_WRITE, *_OVERSIGHT, *_PAYMENTS),
    Role.ADMIN: (*_READ, *_WRITE, *_OVERSIGHT, *_PAYMENTS),
    Role.MARKETER: (
        "members:read",
        "segments:write",
        "orders:read",
        "mall:read",
        "mall:write",
        "shop:read",
        "shop:write",
        "settings:read",
        "reports:read",
        "coupons:read",
        "coupons:write",
        "shop_orders:read",
        "cash:read",
        "cash:write",
        "referral:read",
        "referral:write",
    ),
    # Support opens the console on the dashboard like everybody, hence the reports.
    Role.SUPPORT: (
        "members:read",
        "members:write",
        "points:write",
        "orders:read",
        "mall:read",
        "mall:write",
        "shop:read",
        "reports:read",
        "shop_orders:read",
        "shop_orders:write",
        "coupons:read",
        "coupons:write",
        "cash:read",
        "referral:read",
    ),
    Role.ANALYST: _READ,
}
