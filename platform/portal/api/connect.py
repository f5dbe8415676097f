"""Messages of payment providers about merchants' accounts: to one address for all merchants."""

from datetime import UTC, datetime

import msgspec
from django.conf import settings
from rest_framework.request import Request

from kernel.api import Endpoint, bodies, operation
from kernel.api.endpoint import raw_request
from points.flows.payment_events import keep_event
from points.flows.payments_connected import refresh_account
from points.flows.tasks import look_at_payments
from points.shop.payments.errors import WebhookInvalid
from points.shop.payments.provider import ProviderEvent
from points.shop.payments.stripe_events import verify_event
from tenants.context import tenant_context
from tenants.models import Merchant
from tenants.queries import find_payment_account

# Money that was paid is counted at a shop that is suspended, too.
_IN_BUSINESS = (Merchant.Status.READY, Merchant.Status.SUSPENDED)


class ConnectWebhook(Endpoint):
    """Believed for its signature alone: no session, no key, no CSRF token."""

    credential = "stripe"

    @operation(
        summary="Take an event of Stripe",
        description="The body is an event as Stripe signs it (`Stripe-Signature`), not older and not"
        " newer than five minutes. It is kept once and only says what to look at: the payment is read"
        " again at Stripe. Accounts that are none of ours are answered like others.",
        answers={204: None},
        refuses=[WebhookInvalid],
    )
    def post(self, request: Request) -> None:
        django_request = raw_request(request)
        payload, now = bodies.read_bytes(django_request), datetime.now(UTC)
        event = verify_event(
            payload=payload, signature=django_request.headers.get("Stripe-Signature", ""),
            secret=settings.STRIPE_CONNECT_WEBHOOK_SECRET, now=now,
        )  # fmt: skip
        account = find_payment_account(provider="stripe", account_id=event.account)
        if account is None or account.merchant.status not in _IN_BUSINESS:
            return
        if event.type.startswith("account."):
            refresh_account(account_id=event.account, at=now)
            return
        with tenant_context(account.merchant):
            _keep(event, payload, now)


def _keep(event: ProviderEvent, payload: bytes, now: datetime) -> None:
    if keep_event(event=event, payload=msgspec.json.decode(payload), now=now):
        look_at_payments()
