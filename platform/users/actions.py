"""Every write to staff accounts: making one, proving who one is, signing in and out."""

from datetime import datetime

from django.contrib import auth
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from kernel import limits
from users.calculations import normalise_email
from users.errors import EmailTaken, PasswordRefused, WrongCredentials
from users.models import StaffSession, User

# Someone at one place who guesses at one account.
AT_ACCOUNT_FROM_ADDRESS = limits.Rule("sign-in", 8, 600)
# Someone at one place who tries one password on many accounts. Only failures count.
FROM_ADDRESS = limits.Rule("sign-in-address", 60, 600)
# Many places that guess at one account: it asks to wait a minute at most, and does not ask those
# who have signed in from their place before, so that nobody can lock the owner out.
AT_ACCOUNT = limits.Rule("sign-in-account", 10, 60)
KNOWN_PLACE = limits.Rule("sign-in-known", 1, 30 * 24 * 3600)


def check_password_policy(*, password: str, email: str, name: str = "") -> None:
    """Raises PasswordRefused with all that is wrong with it."""
    try:
        validate_password(password, User(email=normalise_email(email), name=name))
    except ValidationError as error:
        raise PasswordRefused(field="password", reason=" ".join(error.messages)) from None


def hash_password(*, password: str, email: str, name: str = "") -> str:
    """A password fit to be stored, if it is good enough. Raises PasswordRefused."""
    check_password_policy(password=password, email=email, name=name)
    return make_password(password)


def register_user(
    *,
    email: str,
    password_hash: str,
    name: str = "",
    locale: str = "",
    email_verified_at: datetime | None = None,
) -> User:
    """Make an account. Raises EmailTaken, also when two arrive at once."""
    user = User(
        email=normalise_email(email),
        password=password_hash,
        name=name,
        locale=locale,
        email_verified_at=email_verified_at,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise EmailTaken() from None
    return user


def verify_password(*, email: str, password: str, address: str) -> User:
    """The account these belong to. `address` is `limits.client_address(request)`.

    Raises WrongCredentials, which does not tell which of the two was wrong, and RateLimited.
    """
    account = normalise_email(email)
    limits.check(FROM_ADDRESS, address)
    limits.hit(AT_ACCOUNT_FROM_ADDRESS, account, address)
    if not limits.is_used_up(KNOWN_PLACE, account, address):
        limits.hit(AT_ACCOUNT, account)
    user = auth.authenticate(username=account, password=password)
    if user is None:
        limits.note(FROM_ADDRESS, address)
        raise WrongCredentials()
    limits.clear(AT_ACCOUNT_FROM_ADDRESS, account, address)
    limits.note(KNOWN_PLACE, account, address)
    return user


def sign_in(*, request: HttpRequest, email: str, password: str) -> User:
    """Open a session on this host. Raises WrongCredentials, RateLimited."""
    user = verify_password(email=email, password=password, address=limits.client_address(request))
    auth.login(request, user)
    return user


def sign_out(*, request: HttpRequest) -> None:
    """Close the session on this host; nothing happens if there is none."""
    auth.logout(request)


def forget_expired_sessions(*, at: datetime) -> int:
    """Drop sessions that no longer open anything, of all hosts; returns how many."""
    deleted: int = StaffSession.objects.filter(expire_date__lte=at).delete()[0]
    return deleted
