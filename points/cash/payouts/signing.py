"""Signatures and sealed messages of WeChat Pay API v3, after its published documentation.

Requests are signed with the merchant's private key (WECHATPAY2-SHA256-RSA2048); answers and
notifications are signed by the platform, whose public key the merchant downloads once; notifications
are sealed with AES-256-GCM under the merchant's APIv3 key.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

SCHEME = "WECHATPAY2-SHA256-RSA2048"
# A signature older or newer than this is refused, so that what was overheard cannot be sent again.
SECONDS_VALID = 300


class Unsigned(Exception):
    """A message that does not carry the signature it should."""


def sign(key: RSAPrivateKey, *parts: str) -> str:
    """Base64 of the signature over these parts, each followed by a line feed."""
    message = "".join(f"{part}\n" for part in parts).encode()
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), SHA256())).decode()


def authorization(
    *,
    key: RSAPrivateKey,
    mchid: str,
    serial: str,
    method: str,
    path: str,
    body: str,
    timestamp: int,
) -> str:
    """The Authorization header of a request; `path` with its query, `body` empty for GET."""
    nonce = secrets.token_hex(16).upper()
    signature = sign(key, method, path, str(timestamp), nonce, body)
    return (
        f'{SCHEME} mchid="{mchid}",nonce_str="{nonce}",timestamp="{timestamp}",'
        f'serial_no="{serial}",signature="{signature}"'
    )


def verify(
    *, key: RSAPublicKey, key_id: str, headers: Mapping[str, str], body: str, at: int
) -> None:
    """Whether the platform has signed this. `headers` with names in lower case. Raises Unsigned."""
    try:
        timestamp, nonce = headers["wechatpay-timestamp"], headers["wechatpay-nonce"]
        signature = base64.b64decode(headers["wechatpay-signature"], validate=True)
        is_fresh = abs(at - int(timestamp)) <= SECONDS_VALID
    except (KeyError, ValueError, binascii.Error):
        raise Unsigned("headers") from None
    if headers.get("wechatpay-serial") != key_id or not is_fresh:
        raise Unsigned("serial or time")
    message = f"{timestamp}\n{nonce}\n{body}\n".encode()
    try:
        key.verify(signature, message, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Unsigned("signature") from None


def open_sealed(*, api_key: str, nonce: str, associated_data: str, ciphertext: str) -> bytes:
    """What is inside a notification's `resource`. Raises Unsigned when it was sealed otherwise."""
    try:
        box = AESGCM(api_key.encode())
        sealed = base64.b64decode(ciphertext, validate=True)
        return box.decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, ValueError, binascii.Error):
        raise Unsigned("resource") from None


def seal_for_platform(key: RSAPublicKey, text: str) -> str:
    """A personal field (the payee's name) that only the platform can read: RSA-OAEP, base64."""
    hashed = padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None)
    return base64.b64encode(key.encrypt(text.encode(), hashed)).decode()


def read_private_key(pem: str) -> RSAPrivateKey:
    """The merchant's key. Raises ValueError."""
    found = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(found, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return found


def read_public_key(pem: str) -> RSAPublicKey:
    """The platform's key. Raises ValueError."""
    found = load_pem_public_key(pem.encode())
    if not isinstance(found, RSAPublicKey):
        raise ValueError("not an RSA key")
    return found
