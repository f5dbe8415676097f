"""Stripe: hosted checkout as a direct charge on the merchant's own account. One of the few modules that
import stripe (pyproject.toml).

Read again, never believed: an event only says which payment to look at (docs/adr/0061).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings
from stripe import StripeClient
from stripe.checkout import Session

from kernel.stripe_client import is_live_key, make_client
from points.shop.payments import stripe_shapes as shapes
from points.shop.payments.amounts import from_stripe, to_stripe
from points.shop.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import (
    Begun,
    PaymentToBegin,
    ProviderAccount,
    ProviderPayment,
    ProviderRefund,
)

_WHOLE = ["payment_intent.latest_charge.refunds"]


class StripeProvider:
    """Payments and accounts at Stripe. Never call it inside a transaction: it waits for a network."""

    code = "stripe"

    def __init__(self, client: StripeClient, *, is_live: bool) -> None:
        self._v1, self._is_live = client.v1, is_live

    def begin(self, asked: PaymentToBegin) -> Begun:
        """Open a hosted page; asked again with the same payment, the same page.

        What is sent depends on `asked` alone and on no clock, so that a second try is the first one
        to Stripe. A deadline that Stripe does not take (under 30 minutes, over 24 hours) is left
        out: the page then closes after a day, or when `close` is called. Raises AmountNotChargeable.
        """
        params = shapes.checkout_params(asked)
        key = f"payment:{asked.payment_id}"
        try:
            session = self._open(params, asked.account, key)
        except stripe.InvalidRequestError as error:
            if error.param != "expires_at":
                raise _refused(error) from error
            del params["expires_at"]
            with _translated():
                session = self._open(params, asked.account, f"{key}:without-deadline")
        return Begun(
            provider_id=session.id, url=session.url, expires_at=shapes.moment(session.expires_at)
        )

    def read(self, provider_id: str, account: str) -> ProviderPayment:
        """One call to Stripe; one more if there were more than ten refunds, or a dispute."""
        with _translated():
            return self._read(self._retrieve(provider_id, account), account)

    def refund(
        self, *, provider_id: str, account: str, amount_cents: int, reference: str
    ) -> ProviderRefund:
        """Send money back to where it came from. Stripe forgets idempotency keys after a day, so
        the refunds that are there are looked through for the reference first."""
        with _translated():
            session = self._retrieve(provider_id, account)
            payment = self._read(session, account)
        for known in payment.refunds:
            if known.reference == reference:
                if known.amount_cents != amount_cents:
                    raise PaymentProviderRefused(
                        reason="another amount was refunded under this reference",
                        provider_code="reference_reused",
                    )
                return known
        intent = session.payment_intent
        if payment.status != "paid" or not isinstance(intent, stripe.PaymentIntent):
            raise PaymentProviderRefused(reason="nothing was paid", provider_code="not_paid")
        metadata = {"reference": reference, **shapes.texts(session.metadata)}
        with _translated():
            made = self._v1.refunds.create(
                {
                    "payment_intent": intent.id, "metadata": metadata,
                    "amount": to_stripe(amount_cents, payment.currency),
                },
                {"stripe_account": account, "idempotency_key": f"refund:{reference}"},
            )  # fmt: skip
        return shapes.refund(made)

    def close(self, provider_id: str, account: str) -> ProviderPayment:
        """Close the page. What was paid meanwhile, or is on its way, is told as it is."""
        with _translated():
            session = self._retrieve(provider_id, account)
        if session.status == "open":
            try:
                with _translated():
                    self._v1.checkout.sessions.expire(
                        provider_id, options={"stripe_account": account}
                    )
            except PaymentProviderRefused:
                pass  # paid or closed this very moment: what it became is read now
            return self.read(provider_id, account)
        with _translated():
            return self._read(session, account)

    def find_payment_id(self, intent_id: str, account: str) -> UUID | None:
        """Our payment behind an intent: disputes know nothing but that."""
        with _translated():
            intent = self._v1.payment_intents.retrieve(
                intent_id, options={"stripe_account": account}
            )
        return shapes.payment_id(intent.metadata)

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self._is_live

    def create_account(
        self, *, merchant: str, name: str, email: str, instead_of: str = ""
    ) -> ProviderAccount:
        """An account that is the merchant's own: its fees, its losses, its dashboard. Asked again
        within a day, for the same merchant and `instead_of` the same one, the same account."""
        with _translated():
            account = self._v1.accounts.create(
                shapes.account_params(merchant=merchant, name=name, email=email),
                {"idempotency_key": f"account:{merchant}:{instead_of or 'first'}"},
            )
        return self._account(account)

    def read_account(self, account_id: str) -> ProviderAccount:
        """What the account may do now."""
        with _translated():
            return self._account(self._v1.accounts.retrieve(account_id))

    def onboarding_url(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Where the owner fills in what Stripe wants to know; good for some minutes, for one visit."""
        with _translated():
            link = self._v1.account_links.create(
                {
                    "account": account_id, "type": "account_onboarding",
                    "return_url": return_url, "refresh_url": refresh_url,
                }
            )  # fmt: skip
        return link.url

    def _open(self, params: Any, account: str, key: str) -> Session:
        options: Any = {"stripe_account": account, "idempotency_key": key}
        try:
            return self._v1.checkout.sessions.create(params, options)
        except stripe.InvalidRequestError:
            raise
        except stripe.StripeError as error:
            raise _translate(error) from error

    def _retrieve(self, provider_id: str, account: str) -> Session:
        return self._v1.checkout.sessions.retrieve(
            provider_id, {"expand": _WHOLE}, {"stripe_account": account}
        )

    def _read(self, session: Session, account: str) -> ProviderPayment:
        charge = shapes.charge_of(session)
        refunds, disputed = [], 0
        if charge is not None:
            found = charge.refunds
            if found is not None and not found.has_more:
                refunds = list(found.data)
            else:
                refunds = self._list_all(self._v1.refunds.list, session, account)
            if charge.disputed:
                disputes = self._list_all(self._v1.disputes.list, session, account)
                disputed = sum(one.amount for one in disputes if shapes.is_at_risk(one.status))
        currency = (session.currency or "").upper()
        return shapes.payment(session, refunds, from_stripe(disputed, currency))

    def _list_all(self, ask: Callable[..., Any], session: Session, account: str) -> list[Any]:
        intent = session.payment_intent
        assert isinstance(intent, stripe.PaymentIntent)
        page = ask({"payment_intent": intent.id, "limit": 100}, {"stripe_account": account})
        return list(page.auto_paging_iter())

    def _account(self, account: stripe.Account) -> ProviderAccount:
        return ProviderAccount(
            account_id=account.id, charges_enabled=bool(account.charges_enabled),
            details_submitted=bool(account.details_submitted), livemode=self._is_live,
        )  # fmt: skip


def is_set_up() -> bool:
    """Whether this installation has a key for Stripe."""
    return bool(settings.STRIPE_API_KEY)


def get_stripe() -> StripeProvider:
    """Stripe as the settings name it. Raises PaymentsNotSetUp."""
    if not is_set_up():
        raise PaymentsNotSetUp()
    return _make(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE, settings.STRIPE_API_VERSION)


@lru_cache(maxsize=4)
def _make(key: str, base: str, version: str) -> StripeProvider:
    client = make_client(key, base=base, version=version)
    return StripeProvider(client, is_live=is_live_key(key))


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors as ours."""
    try:
        yield
    except stripe.StripeError as error:
        raise _translate(error) from error


def _translate(error: stripe.StripeError) -> Exception:
    """No answer, too many calls, a fault of theirs, or a twin of this call under way: try again."""
    is_passing = isinstance(error, stripe.APIConnectionError | stripe.RateLimitError)
    status = error.http_status or 0
    if is_passing or status >= 500 or status in (409, 429):
        return PaymentProviderUnavailable()
    return _refused(error)


def _refused(error: stripe.StripeError) -> PaymentProviderRefused:
    told = error.error
    code = (told.code or told.type) if told else error.code
    return PaymentProviderRefused(
        reason=(error.user_message or "")[:300], provider_code=str(code or error.http_status)[:60]
    )


def check_signature(payload: bytes, signature: str, secret: str) -> bool:
    """Whether one of the `v1` signatures in the header is the payload's; its age is not looked at."""
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True
