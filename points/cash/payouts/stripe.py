"""Stripe: a transfer from the merchant's own platform to the member's connected account.

After docs.stripe.com/api/transfers and docs.stripe.com/connect/separate-charges-and-transfers. A transfer
moves money of the balance of whoever's key asks; here that is the merchant's, never the platform's of
this product (docs/adr/0080). It is paid when it is made, and can only be reversed afterwards.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import stripe
from stripe import StripeClient

from kernel.stripe_amounts import NotInStripeUnits, from_stripe, to_stripe
from points.cash.payouts import Payout, PayoutState

# Refusals that pass: the same payout can be asked for again when the merchant has done something.
_PASSING = {"balance_insufficient", "insufficient_funds"}
# What says of an account that it is not one of this merchant's, whatever the status of the answer.
_NO_ACCOUNT = "account_invalid"
_LISTED = 100


class StripeAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's own platform at Stripe: a secret key, better a restricted one that may write
    transfers and read accounts."""

    secret_key: str


class StripePayouts:
    """The provider `stripe` for one merchant; `currency` is the shop's, `merchant` its name at Stripe."""

    def __init__(self, client: StripeClient, *, currency: str, merchant: str) -> None:
        self._v1, self._currency, self._merchant = client.v1, currency.upper(), merchant

    def send(self, payout: Payout) -> PayoutState:
        """Look whether the account can receive, then transfer.

        Stripe keeps every answer under its idempotency key for a day, a refusal too: after one that
        passes the next attempt has a key of its own. An answer that was lost changes no key.
        """
        try:
            missing = self._look_at(payout.payee_account)
            return missing or self._transfer(payout)
        except NotInStripeUnits:
            return PayoutState(outcome="refused", reason="amount_not_payable")
        except stripe.StripeError as error:
            return _said(error, payout.attempt)

    def read(self, number: str) -> PayoutState:
        """All transfers of this number, as Stripe has them now."""
        try:
            page = self._v1.transfers.list({"transfer_group": number, "limit": _LISTED})
        except stripe.StripeError as error:
            return PayoutState(outcome="waiting", reason=_code(error))
        return self._state(page.data)

    def _look_at(self, account_id: str) -> PayoutState | None:
        """Why the account cannot receive now; None when it can. What Stripe still checks is waited
        for."""
        account = self._v1.accounts.retrieve(account_id)
        able = account.capabilities.transfers if account.capabilities else None
        if able == "active":
            return None
        if able == "pending":
            return PayoutState(outcome="waiting", reason="transfers_pending")
        return PayoutState(outcome="refused", reason="insufficient_capabilities_for_transfer")

    def _transfer(self, payout: Payout) -> PayoutState:
        # Nothing that depends on a language or a clock: another try must be the same request to Stripe.
        params: Any = {
            "amount": to_stripe(payout.cents, payout.currency),
            "currency": payout.currency.lower(), "destination": payout.payee_account,
            "transfer_group": payout.number,
            "metadata": {"withdrawal_id": payout.number, "merchant": self._merchant},
        }  # fmt: skip
        key = f"withdrawal:{payout.number}:{payout.attempt}"
        return self._state([self._v1.transfers.create(params, {"idempotency_key": key})])

    def _state(self, made: Sequence[stripe.Transfer]) -> PayoutState:
        """What these transfers together come to. Money that was reversed is the merchant's again: a
        payout reversed as a whole has failed, one in part is of another sum."""
        if not made:
            return PayoutState(outcome="unknown")
        reference, ids = made[0].id, [one.id for one in made]
        if any(one.currency.upper() != self._currency for one in made):
            return PayoutState(outcome="waiting", reason="currency_differs", reference=reference)
        left = sum(one.amount - one.amount_reversed for one in made)
        if left == 0:
            return PayoutState(outcome="failed", reason="reversed", reference=reference)
        return PayoutState(
            outcome="paid", reference=reference, cents=from_stripe(left, self._currency),
            details={"transfers": ids} if len(ids) > 1 else {},
        )  # fmt: skip


def _said(error: stripe.StripeError, attempt: int) -> PayoutState:
    """A refusal is Stripe's own word about this payout. A key that may not, a network, a fault of
    theirs, too many calls, a twin under way say nothing of it, and are asked again."""
    code, status = _code(error), error.http_status or 0
    if code == _NO_ACCOUNT:
        return PayoutState(outcome="refused", reason=code)
    if code in _PASSING:
        return PayoutState(outcome="waiting", reason=code, details={"attempt": attempt + 1})
    is_of_payout = status in (400, 402, 404) and not isinstance(error, stripe.IdempotencyError)
    return PayoutState(outcome="refused" if is_of_payout else "waiting", reason=code)


def _code(error: stripe.StripeError) -> str:
    """Stripe's word for it, or what kind of error there was."""
    told = error.error
    code = (told.code or told.type) if told else error.code
    if code:
        return str(code)[:60]
    return str(error.http_status) if error.http_status else "no_answer"
