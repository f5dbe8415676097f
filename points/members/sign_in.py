"""Members sign in with a six-digit code sent to their phone or mailbox; no passwords.

Codes and sessions live in the merchant's schema, so neither can mean anything at another one. `at`
is the real time here, also for merchants in test mode: a clock that stands still would keep a code
alive for ever, and one moved by a year would sign everybody out.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from kernel import limits
from kernel.api.problems import RateLimited
from kernel.db import connection
from points.members import senders
from points.members.calculations import (
    hash_token,
    keyed_hash,
    new_six_digits,
    normalise_address,
)
from points.members.errors import AddressInvalid, CodeExpired, CodeNotSent, CodeWrong
from points.members.models import Member, MemberSession, SignInCode
from tenants.context import tenant_on_commit

CODE_VALID_FOR = timedelta(minutes=10)
CODE_KEPT_FOR = timedelta(days=1)
RESEND_AFTER = timedelta(seconds=60)
ATTEMPTS = 5
SESSION_VALID_FOR = timedelta(days=90)

# Messages that one place may have sent, to whomever.
CODES_FROM_PLACE = limits.Rule("member-code-place", 60, 600)
# Messages to one address, whoever asks. Somebody who has signed in with it from his place before
# is counted apart, so that nobody can use up the limit and lock him out.
CODES_TO_ADDRESS = limits.Rule("member-code-address", 8, 3600)
CODES_TO_KNOWN_PLACE = limits.Rule("member-code-known", 8, 3600)
KNOWN_PLACE = limits.Rule("member-known", 1, 90 * 24 * 3600)
# Wrong codes from one place, on any number of addresses.
GUESSES_FROM_PLACE = limits.Rule("member-guess-place", 60, 600)


def request_code(*, address: str, place: str, at: datetime) -> None:
    """Send a new code; the one before it no longer works. `place` is the caller's network address.

    Says nothing about whether such a member exists. The message leaves after the commit.
    Raises AddressInvalid, SmsNotAvailable, RateLimited, CodeNotSent.
    """
    kind, normal = _parse(address)
    limits.hit(CODES_FROM_PLACE, place)
    code = new_six_digits()
    send = senders.prepare_code(
        kind=kind, address=normal, code=code, shop=connection.tenant.name,
        minutes=int(CODE_VALID_FOR.total_seconds() // 60),
    )  # fmt: skip
    try:
        with transaction.atomic():
            _check_pause(normal, at)
            _count_message(normal, place)
            _store_code(normal, code, at)
            tenant_on_commit(send)
    except OSError as error:
        SignInCode.objects.filter(address=normal).delete()
        raise CodeNotSent() from error


def verify_code(*, address: str, code: str, place: str, at: datetime) -> tuple[str, str]:
    """What the code proves: (`phone` or `email`, the address in its normal form). Used up then.

    A wrong code is counted even though it is refused, so this must not run inside a transaction
    that the refusal rolls back. Raises AddressInvalid, CodeWrong, CodeExpired, RateLimited.
    """
    kind, normal = _parse(address)
    limits.check(GUESSES_FROM_PLACE, place)
    attempts_left = _use_code(normal, "".join(code.split()), at)
    if attempts_left is not None:
        limits.note(GUESSES_FROM_PLACE, place)
        raise CodeWrong(attempts_left=attempts_left)
    limits.note(KNOWN_PLACE, normal, place)
    return kind, normal


def open_session(*, member: Member, at: datetime) -> str:
    """A new session; returns its token, of which only a hash is kept."""
    MemberSession.objects.filter(member=member, expires_at__lte=at).delete()
    token = secrets.token_urlsafe(32)
    MemberSession.objects.create(
        token_hash=hash_token(token), member=member, created_at=at,
        expires_at=at + SESSION_VALID_FOR,
    )  # fmt: skip
    return token


def find_session(*, token: str, at: datetime) -> Member | None:
    """The member whose session this token opens at this merchant, in one query."""
    found = (
        MemberSession.objects.select_related("member")
        .filter(token_hash=hash_token(token), expires_at__gt=at)
        .first()
    )
    return found.member if found else None


def sign_out(*, token: str) -> None:
    """End one session; nothing happens when there is none."""
    MemberSession.objects.filter(token_hash=hash_token(token)).delete()


def forget_expired(*, at: datetime) -> int:
    """Drop sessions that ran out and codes that ran out a day ago; returns how many rows."""
    sessions, _ = MemberSession.objects.filter(expires_at__lte=at).delete()
    codes, _ = SignInCode.objects.filter(expires_at__lte=at - CODE_KEPT_FOR).delete()
    return sessions + codes


def _parse(address: str) -> tuple[str, str]:
    parsed = normalise_address(address)
    if parsed is None:
        raise AddressInvalid()
    return parsed


def _check_pause(address: str, at: datetime) -> None:
    """One message a minute, also when many ask at once: the lock makes them queue up."""
    with connection.cursor() as cursor:
        lock = f"{connection.schema_name} sign-in {address}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
    latest = SignInCode.objects.filter(address=address).order_by("-created_at").first()
    if latest is not None and at < latest.created_at + RESEND_AFTER:
        wait = latest.created_at + RESEND_AFTER - at
        raise RateLimited(retry_after_seconds=max(1, round(wait.total_seconds())))


def _count_message(address: str, place: str) -> None:
    if limits.is_used_up(KNOWN_PLACE, address, place):
        limits.hit(CODES_TO_KNOWN_PLACE, address, place)
    else:
        limits.hit(CODES_TO_ADDRESS, address)


def _store_code(address: str, code: str, at: datetime) -> None:
    SignInCode.objects.filter(address=address).delete()
    SignInCode.objects.create(
        address=address, code_hash=_hash(address, code), attempts_left=ATTEMPTS,
        created_at=at, expires_at=at + CODE_VALID_FOR,
    )  # fmt: skip


@transaction.atomic
def _use_code(address: str, code: str, at: datetime) -> int | None:
    """None when the code was right, else the tries that are left. Raises CodeExpired."""
    row = (
        SignInCode.objects.select_for_update()
        .filter(address=address)
        .order_by("-created_at")
        .first()
    )
    if row is None or row.used_at or row.expires_at <= at or row.attempts_left == 0:
        raise CodeExpired()
    if hmac.compare_digest(bytes(row.code_hash), _hash(address, code)):
        row.used_at = at
        row.save(update_fields=["used_at"])
        return None
    row.attempts_left -= 1
    row.save(update_fields=["attempts_left"])
    return row.attempts_left


def _hash(address: str, code: str) -> bytes:
    return keyed_hash(settings.SECRET_KEY, "sign-in", connection.schema_name, address, code)
