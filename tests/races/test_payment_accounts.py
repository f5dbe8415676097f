"""64 browsers connect one shop's account at the same moment: one account, one row."""

from datetime import UTC, datetime

from django.db import transaction

from points.flows.payments_connected import keep_account, open_account
from points.shop.payments.errors import PaymentProviderUnavailable
from tenants.models import PaymentAccount


def test_one_account_and_one_row(race, fresh_shop, stripe_control):
    def connect(_: int) -> str:
        while True:
            try:
                account = open_account(merchant=fresh_shop, email="owner@example.com")
                break
            except PaymentProviderUnavailable:
                continue  # a twin of this call is under way at Stripe
        now = datetime.now(UTC)
        with transaction.atomic():
            keep_account(merchant=fresh_shop, account=account, at=now, is_connecting=True)
        return account.account_id

    told = race(connect, 64)
    assert len(set(told)) == 1, set(told)
    rows = PaymentAccount.objects.filter(merchant=fresh_shop)
    assert [(one.account_id, one.status) for one in rows] == [(told[0], "pending")]
    assert len(stripe_control.stand_in.store.select("account", "")) == 1
