"""Secrets that have to be read again are kept sealed: encrypted and authenticated (Fernet).

What is only compared (API keys, passwords) is hashed instead. The keys come from the settings, one
derived for each purpose, so that what was sealed for one cannot be opened for another.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBroken(Exception):
    """A sealed text that none of the keys opens: the settings lost a key, or somebody changed it."""


def seal(text: str, *, purpose: str) -> str:
    """The text under the first of the keys."""
    return _box(_keys(), purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text again, under any of the keys. Raises SealBroken."""
    try:
        return _box(_keys(), purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken(purpose) from None


def _keys() -> tuple[str, ...]:
    """`SEALING_KEYS`, newest first; without them the secret key, whose fallbacks still open."""
    given = tuple(settings.SEALING_KEYS)
    return given or (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@cache
def _box(keys: tuple[str, ...], purpose: str) -> MultiFernet:
    def derive(key: str) -> Fernet:
        hkdf = HKDF(SHA256(), 32, salt=None, info=f"jifen sealing: {purpose}".encode())
        return Fernet(base64.urlsafe_b64encode(hkdf.derive(key.encode())))

    return MultiFernet([derive(key) for key in keys])
