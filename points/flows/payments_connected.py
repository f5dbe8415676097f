"""A merchant connects its own account at Stripe, finishes there, and may let go of it again.

Each step asks Stripe first and then writes one row of the public schema: no transaction is open while
we wait, and none writes two schemas. Nothing here turns a way to pay on or off.
"""

from datetime import datetime

from points.program.calculations import ProgramSettings
from points.shop.payments.errors import PaymentAccountMissing, PaymentProviderRefused
from points.shop.payments.provider import ProviderAccount
from points.shop.payments.stripe import StripeProvider, get_stripe, is_set_up
from tenants import actions
from tenants.models import Merchant, PaymentAccount
from tenants.queries import find_payment_account, get_payment_account

STRIPE = StripeProvider.code
# Stripe's words for an account that our key does not reach (any more).
_OUT_OF_REACH = {"account_invalid", "resource_missing"}


def open_account(*, merchant: Merchant, email: str) -> ProviderAccount:
    """The account a merchant connects: the one it has, had, or a new one.

    One of the other mode (test, live), or that our key does not reach, is replaced. Nothing is
    written here. Raises PaymentsNotSetUp, PaymentProviderUnavailable, PaymentProviderRefused.
    """
    stripe = get_stripe()
    rows = PaymentAccount.objects.filter(
        merchant=merchant, provider=STRIPE, livemode=stripe.is_live
    )
    known = rows.order_by("-created_at").first()
    if known is not None and (found := _find(stripe, known.account_id)):
        return found
    return stripe.create_account(
        merchant=str(merchant.pk), name=merchant.name, email=email,
        instead_of=known.account_id if known else "",
    )  # fmt: skip


def keep_account(
    *, merchant: Merchant, account: ProviderAccount, at: datetime, is_connecting: bool = False
) -> PaymentAccount:
    """Write what Stripe said of a merchant's account at that moment. Raises PaymentAccountTaken."""
    return actions.keep_payment_account(
        merchant_id=merchant.pk, provider=STRIPE, account_id=account.account_id,
        charges_enabled=account.charges_enabled, details_submitted=account.details_submitted,
        livemode=account.livemode, at=at, is_connecting=is_connecting,
    )  # fmt: skip


def read_account(*, merchant: Merchant) -> ProviderAccount:
    """Ask Stripe about a merchant's connected account. Raises PaymentAccountMissing, when Stripe does
    not let us near it any more too, and as `open_account`."""
    known = get_payment_account(merchant_id=merchant.pk, provider=STRIPE)
    if known is None:
        raise PaymentAccountMissing()
    found = _find(get_stripe(), known.account_id)
    if found is None:
        raise PaymentAccountMissing()
    return found


def refresh_account(*, account_id: str, at: datetime) -> PaymentAccount | None:
    """Ask Stripe about an account, and keep what it says: for `account.updated` and the like, which
    are only hints. None for an account that is none of ours; one out of reach is disconnected.

    Raises PaymentsNotSetUp, PaymentProviderUnavailable, PaymentProviderRefused.
    """
    row = find_payment_account(provider=STRIPE, account_id=account_id)
    if row is None:
        return None
    found = _find(get_stripe(), account_id)
    if found is not None:
        return keep_account(merchant=row.merchant, account=found, at=at)
    if row.status != PaymentAccount.Status.DISCONNECTED:
        actions.disconnect_payment_account(merchant_id=row.merchant_id, provider=STRIPE, at=at)
        row.refresh_from_db()
    return row


def list_ways_to_pay(*, merchant: Merchant, settings: ProgramSettings) -> list[str]:
    """What a checkout offers now: the ways that are on; Stripe only while the account can take money.

    One query, none where Stripe is off.
    """
    ways: list[str] = [*settings.shop.payments]
    if STRIPE in ways and not (is_set_up() and _is_active(merchant)):
        ways.remove(STRIPE)
    return ways


def _is_active(merchant: Merchant) -> bool:
    account = get_payment_account(merchant_id=merchant.pk, provider=STRIPE)
    return account is not None and account.status == PaymentAccount.Status.ACTIVE


def _find(stripe: StripeProvider, account_id: str) -> ProviderAccount | None:
    """What Stripe says of an account; None when our key does not reach it."""
    try:
        return stripe.read_account(account_id)
    except PaymentProviderRefused as refused:
        if refused.facts["provider_code"] in _OUT_OF_REACH:
            return None
        raise
