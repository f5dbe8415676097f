"""The merchant's accounts at payout providers: kept sealed, opened only to call them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from kernel.db import connection
from kernel.sealing import SealBroken, seal, unseal
from kernel.stripe_client import is_live_key, make_client
from points.cash.errors import ProviderNotSet, ProviderRefused
from points.cash.models import PayoutAccount
from points.cash.payouts import PayoutProvider, signing
from points.cash.payouts.stripe import StripeAccount, StripePayouts
from points.cash.payouts.wechat import Wechat, WechatAccount
from tenants.models import Merchant

PURPOSE = "payout account"
WECHAT, STRIPE = "wechat", "stripe"
SECRETS = ("private_key", "api_key")


@transaction.atomic
def put_wechat_account(*, account: WechatAccount, at: datetime) -> PayoutAccount:
    """Set the account up, or put another in its place. Raises ProviderRefused naming the field."""
    for field, read in (
        ("private_key", signing.read_private_key), ("platform_key", signing.read_public_key),
    ):  # fmt: skip
        try:
            read(getattr(account, field))
        except ValueError:
            raise ProviderRefused(field=field) from None
    if len(account.api_key.encode()) != 32:
        raise ProviderRefused(field="api_key")
    shown = {
        name: value for name, value in msgspec.to_builtins(account).items() if name not in SECRETS
    }
    return _put(WECHAT, account, shown, at)


@transaction.atomic
def put_stripe_account(*, account: StripeAccount, at: datetime) -> PayoutAccount:
    """Set the merchant's own Stripe up, or put another in its place; only the end of the key is shown.

    Raises ProviderRefused: the key of this product's own platform, by which other merchants' money
    moves too, and a live key where time can be moved.
    """
    key = account.secret_key
    is_test_shop = connection.tenant.mode == Merchant.Mode.TEST
    if key == settings.STRIPE_API_KEY or (is_test_shop and is_live_key(key)):
        raise ProviderRefused(field="secret_key")
    return _put(STRIPE, account, {"last_four": key[-4:], "is_live": is_live_key(key)}, at)


def _put(
    provider: str, account: msgspec.Struct, shown: dict[str, Any], at: datetime
) -> PayoutAccount:
    sealed = seal(msgspec.json.encode(account).decode(), purpose=PURPOSE)
    row, _ = PayoutAccount.objects.update_or_create(
        provider=provider, defaults={"shown": shown, "sealed": sealed, "changed_at": at}
    )
    return row


def find_account(*, provider: str = WECHAT) -> PayoutAccount | None:
    """The account at a provider, if it is set up; what is secret stays sealed."""
    return PayoutAccount.objects.filter(provider=provider).first()


def open_wechat(*, real_time: Callable[[], datetime]) -> Wechat:
    """WeChat ready to be called; messages are signed by the real clock. Raises ProviderNotSet."""
    account = msgspec.json.decode(_unsealed(WECHAT), type=WechatAccount)
    return Wechat(account, tell_time=real_time, base=settings.WECHAT_PAY_BASE)


def open_stripe(*, real_time: Callable[[], datetime]) -> StripePayouts:
    """Stripe by the merchant's own key and no other. Raises ProviderNotSet."""
    account = msgspec.json.decode(_unsealed(STRIPE), type=StripeAccount)
    # What gets no answer is asked again by the next round: all calls of one must fit into its claim.
    client = make_client(
        account.secret_key, base=settings.STRIPE_API_BASE, version=settings.STRIPE_API_VERSION,
        retries=0,
    )  # fmt: skip
    shop = connection.tenant
    return StripePayouts(client, currency=shop.currency, merchant=shop.slug)


def _unsealed(provider: str) -> str:
    row = find_account(provider=provider)
    if row is None:
        raise ProviderNotSet()
    try:
        return unseal(row.sealed, purpose=PURPOSE)
    except SealBroken:
        raise ProviderNotSet() from None


# Providers that pay by themselves: how each is made ready. A new one is a line here and its word in
# the programme's settings.
_OPEN: dict[str, Callable[..., PayoutProvider]] = {
    WECHAT: open_wechat, STRIPE: open_stripe,
}  # fmt: skip


def open_provider(*, provider: str, real_time: Callable[[], datetime]) -> PayoutProvider:
    """The provider of a withdrawal. Raises ProviderNotSet."""
    if provider not in _OPEN:
        raise ProviderNotSet()
    return _OPEN[provider](real_time=real_time)
