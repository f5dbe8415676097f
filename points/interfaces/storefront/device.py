"""What a browser remembers of itself: a random number, and which members have signed in there.

A signed cookie of this shop alone, a year long, kept from scripts. The shop stores nothing of it but
a keyed hash of the number, with a referral (ADR 0075); nothing of the device is read.
"""

import secrets
import uuid

import msgspec
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from kernel.db import connection
from points.members.models import Member
from points.referral.calculations import hash_device

YEAR_SECONDS = 365 * 86_400
MOST_MEMBERS = 5


class Device(msgspec.Struct, frozen=True):
    """A browser's number and the members it knows, the latest last."""

    number: str
    members: tuple[uuid.UUID, ...] = ()

    @property
    def hash(self) -> bytes:
        """What the shop keeps of the number."""
        return hash_device(settings.SECRET_KEY, connection.schema_name, self.number)

    def knowing(self, member: Member) -> "Device":
        """The same, on which this member has signed in."""
        others = [one for one in self.members if one != member.pk]
        return Device(self.number, tuple([*others, member.pk][-MOST_MEMBERS:]))


def read_device(request: HttpRequest) -> Device:
    """What the browser says of itself; a new number for one that says nothing, or not our words."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        number, *members = signing.loads(text, salt=_salt(), max_age=YEAR_SECONDS)
        return Device(str(number), tuple(uuid.UUID(one) for one in members))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return Device(secrets.token_hex(16))


def set_device(request: HttpRequest, response: HttpResponse, device: Device) -> None:
    """Give the browser what it shall remember."""
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device.number, *(one.hex for one in device.members)], salt=_salt()),
        max_age=YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax",
    )  # fmt: skip


def _salt() -> str:
    return f"device {connection.schema_name}"
