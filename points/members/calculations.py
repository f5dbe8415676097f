"""Phone numbers, addresses, masks, codes: pure text work."""

import hashlib
import hmac
import re
import secrets

_EMAIL = re.compile(r"^[^\s@]{1,64}@[^\s@.]{1,63}(?:\.[^\s@.]{1,63})+$")
_PHONE = re.compile(r"^\+?[0-9]{6,15}$")


def normalise_phone(text: str) -> str | None:
    """Digits with an optional +, without spaces, dots, hyphens and brackets; None when it is none."""
    bare = re.sub(r"[\s().\-]", "", text)
    return bare if _PHONE.match(bare) else None


def normalise_email(text: str) -> str | None:
    """Lower case, trimmed; None when it is no address."""
    bare = text.strip().lower()
    return bare if len(bare) <= 254 and _EMAIL.match(bare) else None


def normalise_address(text: str) -> tuple[str, str] | None:
    """(`email` or `phone`, the normal form) of what a member typed, or None."""
    if "@" in text:
        email = normalise_email(text)
        return ("email", email) if email else None
    phone = normalise_phone(text)
    return ("phone", phone) if phone else None


def mask_phone(phone: str) -> str:
    """First three and last four figures: 138****0001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else f"{phone[:1]}****"


def mask_email(email: str) -> str:
    """First letter and the domain: m***@example.com."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def new_six_digits() -> str:
    """A sign-in code; never begins a short number, always six figures."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_member_code() -> str:
    """Eight figures a member shows at the till."""
    return f"{secrets.randbelow(90_000_000) + 10_000_000}"


def keyed_hash(secret: str, *parts: str) -> bytes:
    """HMAC-SHA-256 over the parts: a six-digit code could be guessed from a plain hash."""
    return hmac.new(secret.encode(), "\x1f".join(parts).encode(), hashlib.sha256).digest()


def hash_token(token: str) -> bytes:
    """SHA-256 of a session token."""
    return hashlib.sha256(token.encode()).digest()
