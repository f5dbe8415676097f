"""What every payment provider can do, in our own words: whole minor units, aware moments.

A provider's event is only a hint; what counts is what `read` says afterwards.
"""

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct


class LineToPay(Struct, frozen=True):
    """One line of what is bought; `amount_cents` is for all its pieces."""

    title: str
    quantity: int
    amount_cents: int


class PaymentToBegin(Struct, frozen=True, kw_only=True):
    """What is to be paid. The lines say what for; `amount_cents` is what is charged, whatever they sum to.

    `account`: the merchant's account at the provider; `merchant`: its id, for people who look there.
    """

    payment_id: UUID
    number: str
    currency: str
    amount_cents: int
    lines: tuple[LineToPay, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    email: str
    locale: str
    account: str
    merchant: str = ""


class Begun(Struct, frozen=True, kw_only=True):
    """Where the customer pays; no `url`: somewhere else than on the web."""

    provider_id: str
    url: str | None
    expires_at: datetime | None


class ProviderRefund(Struct, frozen=True, kw_only=True):
    """Money on its way back; `reference` is ours, `reason` why it failed."""

    provider_id: str
    status: Literal["pending", "succeeded", "failed"]
    amount_cents: int
    reference: str
    reason: str


class ProviderPayment(Struct, frozen=True, kw_only=True):
    """A payment as it stands. open: may still be paid, or is on its way · closed: never will be.

    `disputed_cents`: what customers' banks have taken back, or still may; a dispute won is none.
    """

    provider_id: str
    status: Literal["open", "paid", "closed"]
    paid_cents: int
    currency: str
    paid_at: datetime | None
    refunds: tuple[ProviderRefund, ...]
    disputed_cents: int
    url: str | None


class ProviderEvent(Struct, frozen=True, kw_only=True):
    """Something happened to an object. `payment_id` as far as the event names it; else `intent_id`
    may lead there (`StripeProvider.find_payment_id`)."""

    id: str
    type: str
    account: str
    created_at: datetime
    object_id: str
    payment_id: UUID | None
    intent_id: str = ""


class ProviderAccount(Struct, frozen=True, kw_only=True):
    """A merchant's account at the provider."""

    account_id: str
    charges_enabled: bool
    details_submitted: bool
    livemode: bool


class Provider(Protocol):
    """Who takes the money. All raise PaymentProviderUnavailable and PaymentProviderRefused."""

    code: str

    def begin(self, asked: PaymentToBegin) -> Begun:
        """Open a payment; asked again for the same `payment_id`, the same one."""

    def read(self, provider_id: str, account: str) -> ProviderPayment:
        """A payment as it stands now."""

    def refund(
        self, *, provider_id: str, account: str, amount_cents: int, reference: str
    ) -> ProviderRefund:
        """Send money back; asked again with the same `reference`, the same refund."""

    def close(self, provider_id: str, account: str) -> ProviderPayment:
        """Make sure that it is never paid any more; one that was paid meanwhile says so."""
