"""Which role may do what. The words are those of the API keys' scopes."""

from tenants.models import Role

_READ = (
    "members:read",
    "orders:read",
    "mall:read",
    "settings:read",
    "api_keys:read",
    "webhooks:read",
    "reports:read",
)
_WRITE = (
    "members:write",
    "segments:write",
    "points:write",
    "mall:write",
    "settings:write",
    "api_keys:write",
    "webhooks:write",
)

# What only those who answer for the shop may: see what everybody did, be the second person, and bring
# over members with their points.
_OVERSIGHT = ("audit:read", "staff:read", "points:approve", "imports:read", "imports:write")

PERMISSIONS: dict[str, tuple[str, ...]] = {
    Role.OWNER: (*_READ, *_WRITE, *_OVERSIGHT),
    Role.ADMIN: (*_READ, *_WRITE, *_OVERSIGHT),
    Role.MARKETER: (
        "members:read",
        "segments:write",
        "orders:read",
        "mall:read",
        "mall:write",
        "settings:read",
        "reports:read",
    ),
    # Support opens the console on the dashboard like everybody, hence the reports.
    Role.SUPPORT: (
        "members:read",
        "members:write",
        "points:write",
        "orders:read",
        "mall:read",
        "mall:write",
        "reports:read",
    ),
    Role.ANALYST: _READ,
}
