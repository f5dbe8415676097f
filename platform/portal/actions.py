"""Every write of the portal: signing up, confirming the e-mail address, another code.

Who owns the shop in the end is decided at the confirmation alone. Reading the code in the mailbox
proves the address; if the address has an account already, its password is asked for as well, so
that neither a stranger's sign-up nor a borrowed mailbox takes an account over. Until then nobody
is told whether the address has an account.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from celery import current_app
from django.contrib import auth
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from kernel import limits
from kernel.api.problems import InvalidBody, RateLimited
from kernel.errors import DomainError
from portal import calculations, mails
from portal.choices import CURRENCIES, LOCALES, TEMPLATES, timezones
from portal.errors import (
    AlreadyVerified,
    CodeExpired,
    CodeUsedUp,
    CodeWrong,
    PasswordNeeded,
    SignupExpired,
    SignupNotFound,
    TooManyCodes,
)
from portal.models import Signup
from portal.queries import expired_signups
from tenants import actions as tenants
from tenants import provisioning
from tenants.models import Merchant
from tenants.tasks import provision_merchant
from users import actions as users
from users.calculations import normalise_email
from users.errors import WrongCredentials
from users.models import User

log = logging.getLogger(__name__)

SIGNUPS_FROM_ADDRESS = limits.Rule("signup", 200, 3600)
# Somebody else's mailbox is not to be filled through us.
CODES_TO_EMAIL = limits.Rule("signup-code", 8, 3600)
RESENDS_FROM_ADDRESS = limits.Rule("signup-resend", 60, 600)
WRONG_FROM_ADDRESS = limits.Rule("signup-wrong-code", 60, 600)


def start_signup(
    *,
    email: str,
    password: str,
    company: str,
    slug: str,
    template: str,
    locale: str,
    currency: str,
    timezone: str,
    address: str,
    at: datetime,
) -> Signup:
    """Reserve an address for a day and have a code sent to the e-mail address.

    `address` is where the caller is (`limits.client_address`). Raises InvalidBody, SlugInvalid,
    SlugReserved, SlugTaken, PasswordRefused, RateLimited.
    """
    email = _checked_email(email)
    _check_choices(template=template, locale=locale, currency=currency, timezone=timezone)
    limits.hit(SIGNUPS_FROM_ADDRESS, address)
    _free_address(slug=slug, email=email, at=at)
    provisioning.check_slug(slug=slug)
    password_hash = _password_hash(email=email, password=password, name=company)
    limits.hit(CODES_TO_EMAIL, email)
    with transaction.atomic():
        merchant = tenants.reserve_merchant(
            slug=slug, name=company, owner_email=email, template=template, locale=locale,
            currency=currency, timezone=timezone,
        )  # fmt: skip
        signup = Signup.objects.create(
            email=email,
            password_hash=password_hash,
            merchant=merchant,
            code_due_at=at,
            created_at=at,
        )
        _send_soon(signup)
    return signup


def verify_signup(
    *, signup_id: UUID | None, code: str, password: str | None, address: str, at: datetime
) -> Signup:
    """Confirm the e-mail address: the user becomes the owner, and the shop is made. Idempotent.

    `password` is needed only if the address has an account and it was not given at the sign-up.
    Raises SignupNotFound, SignupExpired, CodeWrong, CodeUsedUp, CodeExpired, PasswordNeeded,
    WrongCredentials, RateLimited.
    """
    limits.check(WRONG_FROM_ADDRESS, address)
    with transaction.atomic():
        signup = _lock(signup_id)
        refusal = _judge_code(signup, code=code, at=at)
        if refusal is None and signup.verified_at is None:
            owner = _find_or_register_owner(signup, password=password, address=address, at=at)
            _hand_over(signup, owner=owner, at=at)
    if refusal is not None:  # after the commit, as a wrong try has been counted
        limits.note(WRONG_FROM_ADDRESS, address)
        raise refusal
    return signup


def resend_code(*, signup_id: UUID | None, address: str, at: datetime) -> Signup:
    """Have another code sent; the one before goes. Raises SignupNotFound, SignupExpired,
    AlreadyVerified, TooManyCodes, RateLimited."""
    limits.hit(RESENDS_FROM_ADDRESS, address)
    with transaction.atomic():
        signup = _lock(signup_id)
        _check_may_ask_again(signup, at=at)
        if signup.code_due_at is None:
            limits.hit(CODES_TO_EMAIL, signup.email)
            signup.codes_asked += 1
            signup.send_failures = 0
            signup.code_due_at = at
            signup.save()
        _send_soon(signup)
    return signup


def send_code(*, signup_id: UUID, at: datetime) -> bool:
    """Send the code that is due; whether one went out. A mail that fails is due again later.

    The code is made here and never stored in clear. The row stays locked while the mail is on its
    way, so that two workers do not send two, and a killed one leaves it due.
    """
    with transaction.atomic():
        signup = (
            Signup.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("merchant")
            .filter(pk=signup_id, verified_at=None, code_due_at__lte=at)
            .first()
        )
        if signup is None or signup.is_expired(at):
            return False
        sent = _send_new_code(signup, at=at)
        signup.save()
    return sent


def forget_expired_signups(*, at: datetime) -> int:
    """Free the addresses of sign-ups nobody confirmed, and forget what they held."""
    freed = 0
    for signup_id in expired_signups(at).values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            held = expired_signups(at).select_for_update(of=("self",)).filter(pk=signup_id)
            freed += sum(_release(signup) for signup in held)
    return freed


def _checked_email(email: str) -> str:
    email = normalise_email(email)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidBody(field="email", reason=error.messages[0]) from None
    return email


def _check_choices(*, template: str, locale: str, currency: str, timezone: str) -> None:
    allowed = (
        ("template", template, TEMPLATES),
        ("locale", locale, LOCALES),
        ("currency", currency, CURRENCIES),
        ("timezone", timezone, timezones()),
    )
    for field, value, values in allowed:
        if value not in values:
            raise InvalidBody(field=field, reason=_("not one of the possible values"))


def _password_hash(*, email: str, password: str, name: str) -> str:
    """Hash for the account to be; the hash of the account there is, if this is its password.

    Both ways cost one hashing, so that the time taken does not tell whether there is an account.
    """
    existing = User.objects.filter(email=email).first()
    if existing is None:
        return users.hash_password(password=password, email=email, name=name)
    users.check_password_policy(password=password, email=email, name=name)
    return existing.password if check_password(password, existing.password) else ""


def _free_address(*, slug: str, email: str, at: datetime) -> None:
    """Drop the sign-up that holds the address if its day is over, or if the same person begins
    again, say because the page with the code was lost."""
    with transaction.atomic():
        held = Signup.objects.select_for_update(of=("self",)).filter(
            merchant__slug=slug, verified_at=None
        )
        for signup in held:
            if signup.is_expired(at) or signup.email == email:
                _release(signup)


def _release(signup: Signup) -> int:
    reserved = Merchant.objects.filter(pk=signup.merchant_id, status=Merchant.Status.RESERVED)
    return 1 if reserved.delete()[0] else 0


def _lock(signup_id: UUID | None) -> Signup:
    found = Signup.objects.select_for_update(of=("self",)).select_related("merchant")
    signup = found.filter(pk=signup_id).first() if signup_id else None
    if signup is None:
        raise SignupNotFound()
    return signup


def _judge_code(signup: Signup, *, code: str, at: datetime) -> DomainError | None:
    """None if the code is right. A wrong one is counted."""
    is_right = calculations.is_code(signup_id=signup.pk, code=code, code_hash=signup.code_hash)
    if signup.verified_at is not None:
        return None if is_right else CodeWrong(attempts_left=0)
    if signup.is_expired(at):
        return SignupExpired()
    if signup.code_sent_at is None or signup.code_sent_at + calculations.CODE_VALID_FOR <= at:
        return CodeExpired()
    if signup.code_tries >= calculations.CODE_TRIES:
        return CodeUsedUp()
    if is_right:
        return None
    signup.code_tries += 1
    signup.save()
    return CodeWrong(attempts_left=calculations.CODE_TRIES - signup.code_tries)


def _find_or_register_owner(
    signup: Signup, *, password: str | None, address: str, at: datetime
) -> User:
    """The user whose shop it will be. Raises PasswordNeeded, WrongCredentials, RateLimited."""
    user = User.objects.filter(email=signup.email).first()
    if user is None and not signup.password_hash:
        raise PasswordNeeded()
    if user is None:
        return users.register_user(
            email=signup.email,
            password_hash=signup.password_hash,
            locale=signup.merchant.locale,
            email_verified_at=at,
        )
    # Equal hashes: the password was given at the sign-up and has not been changed since.
    if user.is_active and user.password == signup.password_hash:
        return user
    if not password:
        raise PasswordNeeded()
    return users.verify_password(email=signup.email, password=password, address=address)


def _hand_over(signup: Signup, *, owner: User, at: datetime) -> None:
    merchant = signup.merchant
    merchant.owner_user = owner
    merchant.status = Merchant.Status.PROVISIONING  # the sweep finds it if the message is lost
    merchant.save(update_fields=["owner_user", "status"])
    signup.user = owner
    signup.verified_at = at
    signup.password_hash = ""
    signup.code_due_at = None
    signup.save()
    _enqueue_on_commit(lambda: provision_merchant.delay(str(merchant.pk)))


def _check_may_ask_again(signup: Signup, *, at: datetime) -> None:
    if signup.verified_at is not None:
        raise AlreadyVerified()
    if signup.is_expired(at):
        raise SignupExpired()
    last = signup.code_sent_at
    if last is not None and last + calculations.RESEND_AFTER > at:
        wait = last + calculations.RESEND_AFTER - at
        raise RateLimited(retry_after_seconds=max(1, round(wait.total_seconds())))
    if signup.codes_asked >= calculations.CODES_PER_SIGNUP:
        raise TooManyCodes()


def _send_new_code(signup: Signup, *, at: datetime) -> bool:
    code = calculations.new_code()
    has_account = User.objects.filter(email=signup.email).exists()
    try:
        mails.send_code(signup=signup, code=code, has_account=has_account)
    except (SMTPException, OSError) as error:
        signup.send_failures += 1
        signup.code_due_at = calculations.next_try_at(failures=signup.send_failures, at=at)
        log.warning("code of sign-up %s not sent: %s", signup.pk, type(error).__name__)
        return False
    signup.code_hash = calculations.hash_code(signup_id=signup.pk, code=code)
    signup.code_sent_at, signup.code_due_at = at, None
    signup.code_tries = signup.send_failures = 0
    return True


def _send_soon(signup: Signup) -> None:
    # By its name, as tasks call actions and not the other way round.
    args = [str(signup.pk)]
    _enqueue_on_commit(lambda: current_app.send_task("portal.tasks.send_code", args=args))


def _enqueue_on_commit(send: Callable[[], Any]) -> None:
    """Hand a task to the broker after the commit. Without a broker the sweep does it later."""

    def try_to_send() -> None:
        try:
            send()
        except OperationalError as error:
            log.warning("the broker does not answer, the sweep will do it: %s", error)

    transaction.on_commit(try_to_send)


def sign_in(*, request: HttpRequest, email: str, password: str, at: datetime) -> User:
    """Open a session on the base domain, and note it, or that it was refused, in the trail.

    Raises WrongCredentials, RateLimited.
    """
    try:
        user = users.sign_in(request=request, email=email, password=password)
    except WrongCredentials:
        who = f"{email.strip()[:1]}***@{email.strip().rpartition('@')[2]}"[:200]
        _note("staff.sign_in_failed", "unknown", who, at)
        raise
    _note("staff.signed_in", f"staff:{user.pk}", user.name or user.email, at)
    return user


def sign_out(*, request: HttpRequest, at: datetime) -> None:
    """Close the session on the base domain, and note it; nothing happens if there is none."""
    user = auth.get_user(request)  # of the session: a view may have put another one there
    if isinstance(user, User):
        _note("staff.signed_out", f"staff:{user.pk}", user.name or user.email, at)
    users.sign_out(request=request)


def _note(action: str, actor: str, actor_name: str, at: datetime) -> None:
    tenants.note_platform_action(action=action, actor=actor, actor_name=actor_name, at=at)
