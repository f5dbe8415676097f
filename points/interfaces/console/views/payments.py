"""How customers pay: at the counter, by card; the shop's own account at Stripe."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction
from msgspec import UNSET
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidBody
from kernel.db import connection
from points.flows import payments_connected as flow
from points.interfaces import program
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.schemas import payments as schemas
from points.interfaces.console.schemas.session import Nothing
from points.interfaces.noting import Audit
from points.program.models import Program
from points.program.queries import get_program
from points.shop.payments.errors import (
    PaymentAccountMissing,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import ProviderAccount
from points.shop.payments.stripe import get_stripe, is_set_up
from tenants.actions import disconnect_payment_account
from tenants.errors import PaymentAccountTaken
from tenants.models import PaymentAccount
from tenants.queries import get_payment_account

PAGE = "/console/payments"
PROVIDER = (PaymentsNotSetUp, PaymentProviderUnavailable, PaymentProviderRefused)


class PaymentMethods(ConsoleEndpoint):
    """All ways to pay."""

    @operation(
        summary="Get the ways to pay",
        description="As last heard from Stripe; nothing is asked there. Two queries.",
        answers={200: schemas.PaymentMethodsOut},
        refuses=[*READING],
        scope="payments:read",
    )
    def get(self, request: Request) -> schemas.PaymentMethodsOut:
        return _methods(_account())


class OfflinePayments(ConsoleEndpoint):
    """At the counter, or by transfer."""

    @operation(
        summary="Change payment at the counter",
        body=schemas.OfflineChange,
        answers={200: schemas.PaymentMethodsOut},
        refuses=[InvalidBody, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="payments:write",
    )
    def patch(self, request: Request, body: schemas.OfflineChange) -> schemas.PaymentMethodsOut:
        texts = {"offline_zh": body.instructions_zh, "offline_en": body.instructions_en}
        fields = {name: text.strip() for name, text in texts.items() if isinstance(text, str)}
        is_on = "offline" in get_program().settings.shop.payments
        _switch("offline", is_on if body.is_on is UNSET else bool(body.is_on), self.audit, **fields)
        return _methods(_account())


class StripePayments(ConsoleEndpoint):
    """By card."""

    @operation(
        summary="Turn payment by card on or off",
        description="Customers see it while the account can take money.",
        body=schemas.StripeChange,
        answers={200: schemas.PaymentMethodsOut},
        refuses=[InvalidBody, PaymentAccountMissing, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="payments:write",
    )
    def patch(self, request: Request, body: schemas.StripeChange) -> schemas.PaymentMethodsOut:
        account = _account()
        if body.is_on and account is None:
            raise PaymentAccountMissing()
        _switch(flow.STRIPE, body.is_on, self.audit)
        return _methods(account)


class StripeConnection(ConsoleEndpoint):
    """The shop's account at Stripe."""

    # Takes no Idempotency-Key: the address in the answer is good for one visit.
    @operation(
        summary="Connect an account at Stripe, or go on with it",
        description="Answers with the address of Stripe's own form. Payment by card is turned on;"
        " customers see it once Stripe takes money for the account.",
        body=Nothing,
        answers={201: schemas.ConnectionOut},
        refuses=[*PROVIDER, PaymentAccountTaken, *CHANGING],
        scope="payments:write",
    )
    def post(self, request: Request, body: Nothing) -> schemas.ConnectionOut:
        merchant = connection.tenant
        account = flow.open_account(merchant=merchant, email=merchant.owner_email)
        is_new = _account() is None
        _keep(self, account, is_connecting=True)
        if is_new:
            _switch(flow.STRIPE, True, self.audit)
        page = request.build_absolute_uri(PAGE)
        url = get_stripe().onboarding_url(
            account.account_id, return_url=f"{page}?stripe=back", refresh_url=f"{page}?stripe=again"
        )
        return schemas.ConnectionOut(url=url)

    @operation(
        summary="Disconnect the account at Stripe",
        description="No new payments go there. What was paid can still be refunded. Nothing changes at"
        " Stripe itself.",
        answers={200: schemas.PaymentMethodsOut},
        refuses=[PaymentAccountMissing, *CHANGING],
        scope="payments:write",
    )
    def delete(self, request: Request) -> schemas.PaymentMethodsOut:
        account = _account()
        if account is None:
            raise PaymentAccountMissing()
        # First the list, then the account: in between customers see no card, rather than a dead one.
        _switch(flow.STRIPE, False, self.audit)
        write = partial(
            disconnect_payment_account, merchant_id=connection.tenant.pk, provider=flow.STRIPE,
            at=datetime.now(UTC),
        )  # fmt: skip
        self.change_public(
            write, action="payment_account.disconnected",
            subject=f"payment_account:{account.account_id}", before=_facts(account), after={},
        )  # fmt: skip
        return _methods(None)


class StripeRefresh(ConsoleEndpoint):
    """Asking Stripe how the account stands."""

    @operation(
        summary="Ask Stripe how the account stands",
        body=Nothing,
        answers={200: schemas.PaymentMethodsOut},
        refuses=[PaymentAccountMissing, *PROVIDER, *CHANGING],
        scope="payments:write",
    )
    def post(self, request: Request, body: Nothing) -> schemas.PaymentMethodsOut:
        _keep(self, flow.read_account(merchant=connection.tenant))
        return _methods(_account())


def _account() -> PaymentAccount | None:
    """The shop's connected account."""
    return get_payment_account(merchant_id=connection.tenant.pk, provider=flow.STRIPE)


def _switch(way: str, is_on: bool, audit: Audit, **fields: Any) -> None:
    """Turn a way to pay on or off, and change texts, as one change of the programme."""
    with transaction.atomic():
        # The list is read and written: nobody else may change it between the two.
        Program.objects.select_for_update().get(pk=1)
        ways = [one for one in get_program().settings.shop.payments if one != way]
        payments = sorted([*ways, way]) if is_on else ways
        program.change_settings(changes={"shop": {"payments": payments, **fields}}, audit=audit)


def _keep(
    endpoint: ConsoleEndpoint, account: ProviderAccount, *, is_connecting: bool = False
) -> None:
    """Write what Stripe said, and note it if it is news."""
    known = _account()
    write = partial(
        flow.keep_account, merchant=connection.tenant, account=account,
        at=datetime.now(UTC), is_connecting=is_connecting,
    )  # fmt: skip
    before, after = _facts(known), _told(account)
    if before == after:
        write()
        return
    action = "payment_account.connected" if known is None else "payment_account.changed"
    endpoint.change_public(
        write, action=action, subject=f"payment_account:{account.account_id}",
        before=before, after=after,
    )  # fmt: skip


def _methods(account: PaymentAccount | None) -> schemas.PaymentMethodsOut:
    shop = get_program().settings.shop
    is_on = flow.STRIPE in shop.payments
    status: Any = account.status if account else "none"
    return schemas.PaymentMethodsOut(
        offline=schemas.OfflineOut(
            is_on="offline" in shop.payments, instructions_zh=shop.offline_zh,
            instructions_en=shop.offline_en,
        ),
        stripe=schemas.StripeOut(
            is_available=is_set_up(), is_on=is_on, status=status,
            is_offered=is_on and is_set_up() and status == "active",
            account_id=account.account_id if account else None,
            is_test=account is not None and not account.livemode,
            checked_at=account.checked_at if account else None,
        ),
    )  # fmt: skip


def _facts(account: PaymentAccount | None) -> dict[str, Any]:
    """What the log says of an account."""
    names = ("account_id", "charges_enabled", "details_submitted", "livemode")
    return {name: getattr(account, name) for name in names} if account else {}


def _told(account: ProviderAccount) -> dict[str, Any]:
    """The same of what Stripe said."""
    names = ("account_id", "charges_enabled", "details_submitted", "livemode")
    return {name: getattr(account, name) for name in names}
