"""Platform API, `/api/platform/v1/` on the base domain: addresses, sign-ups, staff sessions."""
