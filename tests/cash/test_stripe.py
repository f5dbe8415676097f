"""Payouts through Stripe: a transfer by the merchant's own key, against the stand-in."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe

from points.cash.accounts import find_account, open_stripe, put_stripe_account
from points.cash.errors import (
    PayeeAccountInvalid,
    PayeeIncomplete,
    ProviderRefused,
    WithdrawalUneven,
)
from points.cash.models import PayoutAccount, Withdrawal
from points.cash.payouts import Payout
from points.cash.payouts.stripe import StripeAccount, StripePayouts
from points.flows.payouts_sent import compare_with_providers, pay_out
from points.members.actions import link_identity
from tests.cash.test_withdrawing import approve, ask
from tests.support.stripe import KEY as PLATFORM_KEY

# The stand-in takes the rest of a key for the name of the platform whose it is.
KEY = "rk_test_teahouse"


def real():
    return datetime.now(UTC)


class Shop:
    """The merchant's own platform at the stand-in, and what happened there."""

    def __init__(self, control):
        self.control = control
        self.v1 = stripe.StripeClient(KEY, base_addresses={"api": control.url}).v1
        self.account = self.add_account()

    def add_account(self, key=KEY):
        v1 = stripe.StripeClient(key, base_addresses={"api": self.control.url}).v1
        made = v1.accounts.create({"type": "express"}).id
        self.control.post(f"accounts/{made}/onboard")
        return made

    def transfers(self):
        return self.v1.transfers.list({"limit": 100}).data

    def fail(self, path, **fault):
        self.control.post("faults", path=path, **fault)

    def hold(self, amount):
        self.control.post("balance", key=KEY, currency="cny", amount=amount)


@pytest.fixture
def bank(rich, rules, stripe_control, noon):
    """The shop pays by Stripe, and its members' account there can receive."""
    made = Shop(stripe_control)
    put_stripe_account(account=StripeAccount(secret_key=KEY), at=noon)
    rules(payout="stripe")
    return made


def wish(bank, member, cents, at, **more):
    return ask(member, cents, at, **{"payee_account": bank.account, "payee_name": "", **more})


def go(at):
    return pay_out(tell_time=lambda: at, real_time=real)


def look(row):
    return Withdrawal.objects.get(pk=row.pk)


def test_an_approved_withdrawal_is_a_transfer_within_one_round(rich, bank, wallet, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    assert go(noon) == 1 and go(noon) == 0
    (made,) = bank.transfers()
    assert (made.amount, made.currency, made.destination) == (3_000, "cny", bank.account)
    assert (made.transfer_group, made.metadata["withdrawal_id"]) == (row.pk.hex, row.pk.hex)
    found = look(row)
    assert (found.status, found.reference) == ("paid", made.id)
    assert wallet(rich)[1] == 2_000


def test_an_answer_that_was_lost_pays_nobody_twice(rich, bank, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    bank.fail("/v1/transfers", mode="lost")
    go(noon)
    assert look(row).status == "paying" and len(bank.transfers()) == 1
    go(noon + timedelta(minutes=2))
    assert look(row).status == "paid" and len(bank.transfers()) == 1


def test_who_died_before_sending_is_followed_by_one_who_sends(rich, bank, noon):
    from points.cash.withdrawals import claim_payouts

    row = approve(wish(bank, rich, 3_000, noon), noon)
    assert [one.pk for one in claim_payouts(at=noon, most=5)] == [row.pk]
    assert go(noon + timedelta(seconds=30)) == 0
    assert go(noon + timedelta(minutes=2)) == 1
    assert look(row).status == "paid" and len(bank.transfers()) == 1


def test_two_who_send_the_same_at_once_make_one_transfer(rich, bank, noon):
    """Even if a claim ran out while its owner was still calling: the key is the withdrawal's."""
    row = approve(wish(bank, rich, 3_000, noon), noon)
    payout = Payout(
        number=row.pk.hex, cents=3_000, currency="CNY", payee_name="",
        payee_account=bank.account, remark="x",
    )  # fmt: skip
    first, second = (open_stripe(real_time=real).send(payout) for _ in range(2))
    assert first == second and first.outcome == "paid" and len(bank.transfers()) == 1


def test_without_money_it_waits_and_is_paid_when_there_is_some(rich, bank, wallet, noon):
    """Stripe repeats a refusal under the same key for a day; the next try has another."""
    bank.hold(2_999)
    row = approve(wish(bank, rich, 3_000, noon), noon)
    go(noon)
    found = look(row)
    assert (found.status, found.details["waiting_for"]) == ("paying", "balance_insufficient")
    go(noon + timedelta(minutes=2))
    assert look(row).details["attempt"] == 2
    bank.hold(10_000)
    go(noon + timedelta(minutes=10))
    assert look(row).status == "paid" and [one.amount for one in bank.transfers()] == [3_000]
    assert wallet(rich)[1] == 2_000


def test_a_refusal_that_was_not_heard_changes_no_key(rich, bank, noon):
    """The first answer, a refusal, is lost: the same key tells it again, and only then the next."""
    bank.hold(0)
    row = approve(wish(bank, rich, 3_000, noon), noon)
    bank.fail("/v1/transfers", mode="lost")
    go(noon)
    assert "attempt" not in look(row).details
    bank.hold(10_000)
    go(noon + timedelta(minutes=2))
    assert look(row).details["waiting_for"] == "balance_insufficient"
    go(noon + timedelta(minutes=10))
    assert look(row).status == "paid" and len(bank.transfers()) == 1


def test_an_account_that_cannot_receive_brings_the_cash_back(rich, bank, wallet, noon):
    bank.control.post(f"accounts/{bank.account}/restrict")
    row = approve(wish(bank, rich, 3_000, noon), noon)
    go(noon)
    found = look(row)
    assert (found.status, found.details["failure"]) == (
        "failed", "insufficient_capabilities_for_transfer",
    )  # fmt: skip
    assert wallet(rich)[1] == 5_000 and bank.transfers() == []


def test_an_account_that_stripe_still_looks_at_is_waited_for(rich, bank, noon):
    bank.control.post(f"accounts/{bank.account}/restrict", capability="pending")
    row = approve(wish(bank, rich, 3_000, noon), noon)
    go(noon)
    assert look(row).details["waiting_for"] == "transfers_pending"
    bank.control.post(f"accounts/{bank.account}/onboard")
    go(noon + timedelta(minutes=2))
    assert look(row).status == "paid"


@pytest.mark.parametrize("whose", ["nobody", "another platform"])
def test_an_account_of_nobody_or_of_others_brings_the_cash_back(rich, bank, wallet, noon, whose):
    account = "acct_NoSuchAccount1" if whose == "nobody" else bank.add_account(PLATFORM_KEY)
    row = approve(wish(bank, rich, 3_000, noon, payee_account=account), noon)
    go(noon)
    found = look(row)
    assert (found.status, found.details["failure"]) == ("failed", "account_invalid")
    assert wallet(rich)[1] == 5_000


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/accounts"])
def test_what_says_nothing_of_the_payout_is_asked_again(rich, bank, noon, status, path):
    method = "POST" if path == "/v1/transfers" else "GET"
    bank.fail(path, mode="error", status=status, method=method)
    row = approve(wish(bank, rich, 3_000, noon), noon)
    go(noon)
    assert look(row).status == "paying" and bank.transfers() == []
    bank.control.stand_in.faults.clear()
    go(noon + timedelta(minutes=2))
    assert look(row).status == "paid" and len(bank.transfers()) == 1


def test_without_an_answer_to_reading_nothing_is_sent(rich, bank, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    bank.fail("/v1/transfers", mode="lost")
    go(noon)
    bank.fail("/v1/transfers", mode="error", status=500, method="GET")
    bank.fail("/v1/transfers", mode="error", status=500, method="POST")
    go(noon + timedelta(minutes=2))
    assert look(row).status == "paying"
    assert sum(one.times for one in bank.control.stand_in.faults._waiting) == 1


def test_another_sum_is_believed_by_nobody(rich, bank, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    bank.fail("/v1/transfers", mode="lost")
    go(noon)
    bank.v1.transfers.reversals.create(bank.transfers()[0].id, {"amount": 1})
    go(noon + timedelta(minutes=2))
    found = look(row)
    assert (found.status, found.details["waiting_for"]) == ("paying", "amount_differs")
    assert found.details["provider_cents"] == 2_999


def test_a_second_transfer_under_the_number_is_found(rich, bank, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    go(noon)
    again = {"amount": 3_000, "currency": "cny", "destination": bank.account}
    bank.v1.transfers.create({**again, "transfer_group": row.pk.hex})
    assert open_stripe(real_time=real).read(row.pk.hex).cents == 6_000
    bank.v1.transfers.create({**again, "currency": "usd", "transfer_group": row.pk.hex})
    assert open_stripe(real_time=real).read(row.pk.hex).reason == "currency_differs"


def test_what_was_reversed_before_it_was_seen_has_failed(rich, bank, wallet, noon):
    row = approve(wish(bank, rich, 3_000, noon), noon)
    bank.fail("/v1/transfers", mode="lost")
    go(noon)
    bank.v1.transfers.reversals.create(bank.transfers()[0].id)
    go(noon + timedelta(minutes=2))
    found = look(row)
    assert (found.status, found.details["failure"]) == ("failed", "reversed")
    assert wallet(rich)[1] == 5_000


def test_comparing_finds_what_was_reversed_after_it_was_paid(rich, bank, wallet, noon):
    rows = [approve(wish(bank, rich, cents, noon), noon) for cents in (1_000, 1_100, 1_200)]
    go(noon)
    assert compare_with_providers(at=noon, real_time=real) == (3, [])
    by_group = {one.transfer_group: one.id for one in bank.transfers()}
    bank.v1.transfers.reversals.create(by_group[rows[0].pk.hex])
    bank.v1.transfers.reversals.create(by_group[rows[1].pk.hex], {"amount": 100})
    bank.control.stand_in.store.remove(by_group[rows[2].pk.hex])
    _, found = compare_with_providers(at=noon, real_time=real)
    assert {one.withdrawal_id: (one.what, one.their_cents) for one in found} == {
        rows[0].pk: ("status", None), rows[1].pk: ("amount", 1_000), rows[2].pk: ("missing", None),
    }  # fmt: skip
    # What is settled stays so; who compares decides.
    assert look(rows[0]).status == "paid" and wallet(rich)[1] == 1_700


def test_without_the_merchant_s_key_nothing_is_paid_by_ours(rich, bank, stripe_control, noon):
    """The platform's key is set and works: no payout is ever sent with it."""
    ours = stripe.StripeClient(PLATFORM_KEY, base_addresses={"api": stripe_control.url}).v1
    able = bank.add_account(PLATFORM_KEY)
    paid = approve(wish(bank, rich, 1_000, noon), noon)
    go(noon)
    PayoutAccount.objects.all().delete()
    row = approve(wish(bank, rich, 1_000, noon, payee_account=able), noon)
    go(noon + timedelta(minutes=2))
    assert look(paid).status == "paid"
    assert (look(row).status, look(row).details["waiting_for"]) == ("paying", "account")
    assert ours.transfers.list().data == [] and len(bank.transfers()) == 1
    with pytest.raises(ProviderRefused) as refused:
        put_stripe_account(account=StripeAccount(secret_key=PLATFORM_KEY), at=noon)
    assert refused.value.facts == {"field": "secret_key"}
    assert find_account(provider="stripe") is None


def test_the_key_lies_sealed_and_no_live_one_is_taken_where_time_can_be_moved(
    bank, shop, noon, monkeypatch
):
    row = find_account(provider="stripe")
    assert (row.shown, KEY in row.sealed) == ({"last_four": KEY[-4:], "is_live": False}, False)
    monkeypatch.setattr(shop, "mode", "test")
    with pytest.raises(ProviderRefused):
        put_stripe_account(account=StripeAccount(secret_key="rk_live_teahouse"), at=noon)
    assert find_account(provider="stripe").sealed == row.sealed


@pytest.mark.parametrize(
    "account", ["6222021000112233", "acct_", "acct_ab-cd-ef-gh", "x acct_1234567890"]
)
def test_what_is_no_account_of_stripe_s_moves_nothing(rich, bank, wallet, noon, account):
    with pytest.raises(PayeeAccountInvalid):
        wish(bank, rich, 1_000, noon, payee_account=account)
    assert wallet(rich)[1] == 5_000


def test_an_account_that_is_known_need_not_be_typed(rich, bank, noon):
    with pytest.raises(PayeeIncomplete):
        wish(bank, rich, 1_000, noon, payee_account="")
    link_identity(member_id=rich.pk, channel="stripe", external_id=bank.account, at=noon)
    assert wish(bank, rich, 1_000, noon, payee_account="").payee_account == bank.account


@pytest.mark.parametrize(
    ("currency", "cents", "sent"),
    [("JPY", 500, 500), ("ISK", 500, 50_000), ("KWD", 1_250, 1_250), ("USD", 1_999, 1_999)],
)
def test_each_currency_is_counted_as_stripe_counts_it(bank, stripe_control, currency, cents, sent):
    from kernel.stripe_client import make_client

    client = make_client(KEY, base=stripe_control.url, version="2026-10-28.endive")
    provider = StripePayouts(client, currency=currency, merchant="tea")
    payout = Payout(
        number="a1", cents=cents, currency=currency, payee_name="", payee_account=bank.account,
        remark="x",
    )  # fmt: skip
    state = provider.send(payout)
    assert (state.outcome, state.cents) == ("paid", cents)
    assert provider.read("a1").cents == cents
    assert [(one.amount, one.currency) for one in bank.transfers()] == [(sent, currency.lower())]


def test_a_sum_that_stripe_cannot_count_is_refused_at_once(
    rich, bank, wallet, shop, noon, monkeypatch
):
    monkeypatch.setattr(shop, "currency", "KWD")
    with pytest.raises(WithdrawalUneven) as refused:
        wish(bank, rich, 1_255, noon)
    assert refused.value.facts == {"step_cents": 10} and wallet(rich)[1] == 5_000
    assert wish(bank, rich, 1_250, noon).cents == 1_250
