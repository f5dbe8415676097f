"""Phone numbers, addresses, masks, codes: pure text work."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

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


def mask_name(name: str) -> str:
    """The first character: enough to know a friend by, too little to learn a stranger's name."""
    return f"{name[:1]}**" if name else ""


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


LONGEST_TEXT = 500
LARGEST_WHOLE = 10**12


class Definition(Protocol):
    """What the arithmetic of profiles needs of a field's definition."""

    code: str
    kind: str
    choices: list[dict[str, Any]]
    is_required: bool


def takes(field: Definition, value: object) -> bool:
    """Whether a field takes this value: text of 1–500 characters, a whole number up to 10^12
    either way, a date as YYYY-MM-DD, the code of one of its choices, true or false."""
    match field.kind:
        case "text":
            return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT
        case "whole":
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            return is_whole and abs(value) <= LARGEST_WHOLE  # type: ignore[arg-type]
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "choice":
            return any(value == choice["code"] for choice in field.choices)
        case _:
            return isinstance(value, bool)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_profile_complete(
    *, name: str, birthday: date | None, custom: Mapping[str, Any], fields: Iterable[Definition]
) -> bool:
    """A name, a birthday, and every field the merchant requires."""
    required = (field.code for field in fields if field.is_required)
    return bool(name) and birthday is not None and all(code in custom for code in required)
