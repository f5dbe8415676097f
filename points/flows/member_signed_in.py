"""Somebody proves an address with a code: its member signs in; a new one joins first."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from points.flows.member_joined import join_member
from points.members import actions as members
from points.members import sign_in
from points.members.errors import EmailTaken, ExternalIdTaken, PhoneTaken
from points.members.models import Member

_TRIES = 5


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, the token of the new session, and whether the member has only just joined."""

    member: Member
    token: str
    is_new: bool = False


def sign_in_member(
    *,
    address: str,
    code: str,
    place: str,
    at: datetime,
    joined_at: datetime,
    name: str = "",
    locale: str = "",
) -> SignedIn:
    """Sign in by code. `at` is the real time, `joined_at` the merchant's business time.

    `name` is taken for a member who has none. Raises AddressInvalid, CodeWrong, CodeExpired,
    RateLimited. Not atomic on purpose: a wrong code must stay counted.
    """
    kind, normal = sign_in.verify_code(address=address, code=code, place=place, at=at)
    found = _find(kind, normal)
    member = found or _join(kind, normal, name, joined_at)
    changes = {}
    if name and not member.name:
        changes["name"] = name
    if locale and member.locale != locale:
        changes["locale"] = locale
    if changes:
        member = members.change_member(member_id=member.pk, changes=changes, at=joined_at)
    token = sign_in.open_session(member=member, at=at)
    return SignedIn(member, token, is_new=found is None)


def _find(kind: str, address: str) -> Member | None:
    return Member.objects.filter(**{kind: address}).first()


def _join(kind: str, address: str, name: str, at: datetime) -> Member:
    """A new member; one whom another system adds at this moment is found instead."""
    for _ in range(_TRIES):
        number = f"m-{secrets.token_hex(4)}"
        try:
            if kind == "phone":
                return join_member(external_id=number, at=at, name=name, phone=address)
            return join_member(external_id=number, at=at, name=name, email=address)
        except (EmailTaken, PhoneTaken):
            if found := _find(kind, address):
                return found
        except ExternalIdTaken:
            continue
    raise RuntimeError("no free member number was drawn")
