"""Payouts through WeChat Pay against a stand-in that checks every signature."""

from datetime import UTC, datetime, timedelta

import pytest

from points.cash.accounts import find_account, open_wechat, put_wechat_account
from points.cash.errors import NotificationInvalid, NotPaidByHand, PayeeIncomplete, ProviderRefused
from points.cash.models import Withdrawal
from points.cash.payouts.wechat import Wechat
from points.cash.withdrawals import mark_paid
from points.flows.payouts_sent import compare_with_providers, hear_wechat, pay_out
from points.members.actions import link_identity
from tests.cash.test_withdrawing import approve, ask
from tests.cash.wechat_stand_in import API_KEY, StandIn, pem


def real():
    return datetime.now(UTC)


@pytest.fixture
def platform():
    made = StandIn()
    yield made
    made.close()


@pytest.fixture
def wechat(rich, rules, platform, settings, noon):
    """Mei's openid is known; the shop pays by WeChat."""
    settings.WECHAT_PAY_BASE = platform.base
    put_wechat_account(account=platform.account(), at=noon)
    rules(payout="wechat")
    link_identity(
        member_id=rich.pk, channel="wechat", external_id="o-MYE42l80oelYMDE34nYD456Xoy", at=noon
    )
    return platform


def go(at):
    return pay_out(tell_time=lambda: at, real_time=real)


def wish(member, cents, at, **more):
    return ask(member, cents, at, **{"payee_account": "", "payee_name": "", **more})


def state(row):
    found = Withdrawal.objects.get(pk=row.pk)
    return found.status, found.reference


def test_an_approved_withdrawal_is_paid_once_within_one_round(rich, wechat, wallet, noon):
    row = approve(wish(rich, 3_000, noon), noon)
    assert go(noon) == 1 and go(noon) == 0
    assert state(row) == ("paid", "133000000")
    sent = wechat.transfers[row.pk.hex]
    assert (sent["openid"], sent["transfer_amount"], sent["transfer_scene_id"]) == (
        "o-MYE42l80oelYMDE34nYD456Xoy", 3_000, "1000",
    )  # fmt: skip
    assert len(row.pk.hex) == 32 and row.pk.hex.isalnum()
    assert wallet(rich)[1] == 2_000


def test_an_answer_that_was_lost_pays_nobody_twice(rich, wechat, noon):
    row = approve(wish(rich, 3_000, noon), noon)
    wechat.lose = 1
    go(noon)
    assert state(row)[0] == "paying"
    go(noon + timedelta(minutes=2))
    assert state(row) == ("paid", "133000000") and len(wechat.transfers) == 1
    assert [method for method, _ in wechat.calls] == ["POST", "GET"]


def test_who_died_before_sending_is_followed_by_one_who_sends(rich, wechat, noon):
    from points.cash.withdrawals import claim_payouts

    row = approve(wish(rich, 3_000, noon), noon)
    assert [one.pk for one in claim_payouts(at=noon, most=5)] == [row.pk]
    assert go(noon + timedelta(seconds=30)) == 0
    assert go(noon + timedelta(minutes=2)) == 1
    assert [method for method, _ in wechat.calls] == ["GET", "POST"]
    assert state(row)[0] == "paid"


def test_a_member_has_to_accept_first(rich, wechat, noon):
    wechat.state = "WAIT_USER_CONFIRM"
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    found = Withdrawal.objects.get(pk=row.pk)
    assert (found.status, found.details["package_info"]) == ("paying", "affffddafdfafddffda==")
    wechat.transfers[row.pk.hex]["state"] = "SUCCESS"
    go(noon + timedelta(minutes=2))
    assert state(row)[0] == "paid"


def test_a_transfer_that_failed_brings_the_cash_back(rich, wechat, wallet, noon):
    wechat.state = "CANCELLED"
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    assert state(row)[0] == "failed" and wallet(rich)[1] == 5_000


def test_what_the_platform_refuses_fails_only_when_it_knows_nothing_of_it(
    rich, wechat, wallet, noon
):
    wechat.refuse = (400, "PARAM_ERROR")
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    assert state(row)[0] == "failed" and wallet(rich)[1] == 5_000
    assert [method for method, _ in wechat.calls] == ["POST", "GET"]


@pytest.mark.parametrize("refusal", [(403, "NOT_ENOUGH"), (429, "FREQUENCY_LIMITED"), (500, "X")])
def test_what_may_get_better_is_asked_again(rich, wechat, noon, refusal):
    wechat.refuse = refusal
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    found = Withdrawal.objects.get(pk=row.pk)
    assert (found.status, found.details["waiting_for"]) == ("paying", refusal[1])
    wechat.refuse = None
    go(noon + timedelta(minutes=2))
    assert state(row)[0] == "paid"


@pytest.mark.parametrize("fault", [{"forge": True}, {"lag": 600}, {"lag": -600}])
def test_an_answer_nobody_signed_proves_nothing(rich, wechat, noon, fault):
    for name, value in fault.items():
        setattr(wechat, name, value)
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    assert state(row)[0] == "paying"


def test_our_own_signature_is_checked_there(rich, wechat, noon):
    account = wechat.account(private_key=pem(wechat.stranger))
    provider = Wechat(account, tell_time=real, base=wechat.base)
    assert provider.read("0" * 32).reason == "SIGN_ERROR"


def test_a_notification_settles_it_and_a_forged_one_does_not(rich, wechat, noon):
    wechat.state = "ACCEPTED"
    row = approve(wish(rich, 3_000, noon), noon)
    go(noon)
    wechat.transfers[row.pk.hex]["state"] = "SUCCESS"
    headers, body = wechat.notification(row.pk.hex)
    lower = {name.lower(): value for name, value in headers.items()}
    for bad_headers, bad_body in (
        ({**lower, "wechatpay-signature": "AAAA"}, body), (lower, body + " "), ({}, body),
        ({**lower, "wechatpay-serial": "OTHER"}, body),
    ):  # fmt: skip
        with pytest.raises(NotificationInvalid):
            hear_wechat(headers=bad_headers, body=bad_body, at=noon, real_time=real)
    assert state(row)[0] == "paying"
    for _ in range(2):
        hear_wechat(headers=lower, body=body, at=noon, real_time=real)
    assert state(row) == ("paid", "133000000")


def test_another_sum_is_believed_by_nobody(rich, wechat, noon):
    row = approve(wish(rich, 3_000, noon), noon)
    wechat.lose = 1
    go(noon)
    wechat.transfers[row.pk.hex]["transfer_amount"] = 30
    go(noon + timedelta(minutes=2))
    found = Withdrawal.objects.get(pk=row.pk)
    assert (found.status, found.details["waiting_for"]) == ("paying", "amount_differs")


def test_comparing_finds_where_the_two_disagree(rich, wechat, noon):
    rows = [approve(wish(rich, cents, noon), noon) for cents in (1_000, 1_100, 1_200)]
    go(noon)
    assert compare_with_providers(at=noon, real_time=real) == (3, [])
    wechat.transfers[rows[0].pk.hex]["state"] = "FAIL"
    wechat.transfers[rows[1].pk.hex]["transfer_amount"] = 1
    del wechat.transfers[rows[2].pk.hex]
    _, found = compare_with_providers(at=noon, real_time=real)
    assert {one.withdrawal_id: one.what for one in found} == {
        rows[0].pk: "status", rows[1].pk: "amount", rows[2].pk: "missing",
    }  # fmt: skip


def test_a_large_sum_names_its_payee_sealed_for_the_platform(rich, wechat, noon):
    from points.cash.payouts import Payout

    provider = open_wechat(real_time=real)
    told = {"number": "a1", "currency": "CNY", "payee_account": "o-1", "remark": "x"}
    provider.send(Payout(cents=199_999, payee_name="王梅", **told))
    assert "user_name" not in wechat.transfers["a1"]
    provider.send(Payout(cents=200_000, payee_name="王梅", **{**told, "number": "a2"}))
    assert wechat.open_name(wechat.transfers["a2"]["user_name"]) == "王梅"


def test_the_keys_lie_sealed_and_bad_ones_are_refused(rich, wechat, noon):
    row = find_account()
    assert API_KEY not in str(row.shown) + row.sealed and "private_key" not in row.shown
    for field, value in (("private_key", "x"), ("platform_key", "x"), ("api_key", "short")):
        with pytest.raises(ProviderRefused) as refused:
            put_wechat_account(account=wechat.account(**{field: value}), at=noon)
        assert refused.value.facts == {"field": field}


def test_by_hand_nobody_pays_what_wechat_pays_and_an_unknown_openid_is_asked_for(
    rich, wechat, mei, noon
):
    row = approve(wish(rich, 1_000, noon), noon)
    with pytest.raises(NotPaidByHand):
        mark_paid(withdrawal_id=row.pk, reference="B", at=noon, actor="t")
    from points.members.models import MemberIdentity

    MemberIdentity.objects.all().delete()
    with pytest.raises(PayeeIncomplete):
        wish(rich, 1_000, noon)
