"""The merchant's account at a payout provider: kept sealed, opened only to call it."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from kernel.sealing import SealBroken, seal, unseal
from points.cash.errors import ProviderNotSet, ProviderRefused
from points.cash.models import PayoutAccount
from points.cash.payouts import PayoutProvider, signing
from points.cash.payouts.wechat import Wechat, WechatAccount

PURPOSE = "payout account"
WECHAT = "wechat"
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
    sealed = seal(msgspec.json.encode(account).decode(), purpose=PURPOSE)
    row, _ = PayoutAccount.objects.update_or_create(
        provider=WECHAT, defaults={"shown": shown, "sealed": sealed, "changed_at": at}
    )
    return row


def find_account() -> PayoutAccount | None:
    """The account at WeChat, if it is set up; what is secret stays sealed."""
    return PayoutAccount.objects.filter(provider=WECHAT).first()


def open_wechat(*, real_time: Callable[[], datetime]) -> Wechat:
    """WeChat ready to be called; messages are signed by the real clock. Raises ProviderNotSet."""
    row = find_account()
    if row is None:
        raise ProviderNotSet()
    try:
        text = unseal(row.sealed, purpose=PURPOSE)
    except SealBroken:
        raise ProviderNotSet() from None
    account = msgspec.json.decode(text, type=WechatAccount)
    return Wechat(account, tell_time=real_time, base=settings.WECHAT_PAY_BASE)


# Providers that pay by themselves: how each is made ready. A new one is a line here and its word in
# the programme's settings.
_OPEN: dict[str, Callable[..., PayoutProvider]] = {WECHAT: open_wechat}


def open_provider(*, provider: str, real_time: Callable[[], datetime]) -> PayoutProvider:
    """The provider of a withdrawal. Raises ProviderNotSet."""
    if provider not in _OPEN:
        raise ProviderNotSet()
    return _OPEN[provider](real_time=real_time)
