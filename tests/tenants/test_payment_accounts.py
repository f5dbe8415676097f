"""A merchant's accounts at payment providers: one connected, each of one merchant, news by its date."""

from datetime import timedelta

import pytest

from tenants.actions import disconnect_payment_account, keep_payment_account
from tenants.errors import PaymentAccountTaken
from tenants.models import PaymentAccount
from tenants.queries import get_payment_account


def keep(merchant, noon, account="acct_1", **fields):
    told = {"charges_enabled": False, "details_submitted": False, "livemode": False, "at": noon}
    return keep_payment_account(
        merchant_id=merchant.pk, provider="stripe", account_id=account, **told | fields
    )


def test_what_the_provider_says_becomes_a_status(tea, noon):
    assert keep(tea, noon).status == "pending"
    assert keep(tea, noon, details_submitted=True).status == "restricted"
    assert keep(tea, noon, charges_enabled=True).status == "active"
    assert PaymentAccount.objects.count() == 1


def test_older_news_changes_nothing(tea, noon):
    keep(tea, noon, charges_enabled=True)
    assert keep(tea, noon - timedelta(seconds=1)).status == "active"


def test_a_disconnected_account_stays_so_until_it_is_connected_again(tea, noon):
    keep(tea, noon, charges_enabled=True)
    assert disconnect_payment_account(merchant_id=tea.pk, provider="stripe", at=noon) == 1
    assert keep(tea, noon, charges_enabled=True).status == "disconnected"
    assert get_payment_account(merchant_id=tea.pk, provider="stripe") is None
    assert keep(tea, noon, charges_enabled=True, is_connecting=True).status == "active"


def test_connecting_another_lets_go_of_the_one_before(tea, noon):
    keep(tea, noon)
    keep(tea, noon, "acct_2", is_connecting=True)
    assert get_payment_account(merchant_id=tea.pk, provider="stripe").account_id == "acct_2"
    assert PaymentAccount.objects.get(account_id="acct_1").status == "disconnected"


def test_an_account_is_of_one_merchant(tea, toys, noon):
    keep(tea, noon)
    with pytest.raises(PaymentAccountTaken):
        keep(toys, noon)
    assert PaymentAccount.objects.get().merchant_id == tea.pk
