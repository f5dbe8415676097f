"""What WeChat Pay tells a merchant's host, over HTTP: whoever may knock there, only WeChat is believed."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from points.cash.accounts import put_wechat_account
from points.cash.models import Withdrawal
from points.flows.payouts_sent import pay_out
from points.interfaces.hooks import MOST_BYTES
from tests.cash.test_wechat import approve, platform, real, state, wechat, wish  # noqa: F401
from tests.cash.wechat_stand_in import key, public_pem
from tests.support.http import Http, host_of

HOOK = "/hooks/wechat-pay"


@pytest.fixture
def at():
    """The hook goes by the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def row(rich, wechat, shop, at):  # noqa: F811
    """A transfer that WeChat has taken and not settled."""
    wechat.state = "ACCEPTED"
    made = approve(wish(rich, 3_000, at), at)
    pay_out(tell_time=lambda: at, real_time=real)
    assert state(made)[0] == "paying"
    wechat.transfers[made.pk.hex]["state"] = "SUCCESS"
    return made


@pytest.fixture
def knock(shop):
    """`knock(headers, body)` as anybody on the internet can, at a merchant's host."""

    def post(headers, body, merchant=shop):
        raw = body if isinstance(body, bytes) else body.encode()
        # A request leaves its merchant's schema behind; the test goes on inside the shop's.
        with tenant_context(merchant):
            answer = Http(host_of(merchant), **headers).call("POST", HOOK, raw=raw)
        return answer.status, answer.json["message"]

    return post


def test_a_good_one_settles_it_and_told_again_it_changes_nothing(row, wechat, knock, wallet, rich):  # noqa: F811
    headers, body = wechat.notification(row.pk.hex)
    assert knock(headers, body) == (200, "")
    assert state(row) == ("paid", "133000000")
    closed = Withdrawal.objects.get(pk=row.pk).closed_at
    assert knock(headers, body) == (200, "")
    wechat.transfers[row.pk.hex]["state"] = "FAIL"
    assert knock(*wechat.notification(row.pk.hex)) == (200, "")
    assert state(row)[0] == "paid" and wallet(rich)[1] == 2_000
    assert Withdrawal.objects.get(pk=row.pk).closed_at == closed


@pytest.mark.parametrize("fault", [{"forge": True}, {"lag": 600}, {"lag": -600}])
def test_one_of_a_stranger_of_the_future_or_of_the_past_is_refused(row, wechat, knock, fault):  # noqa: F811
    for name, value in fault.items():
        setattr(wechat, name, value)
    told = knock(*wechat.notification(row.pk.hex))
    assert told == (401, "cash.notification_invalid") and state(row)[0] == "paying"


@pytest.mark.parametrize("change", ["no headers", "body", "time", "nonce", "serial", "signature"])
def test_one_that_was_changed_on_its_way_is_refused(row, wechat, knock, change):  # noqa: F811
    headers, body = wechat.notification(row.pk.hex)
    match change:
        case "no headers":
            headers = {}
        case "body":
            body = body.replace("EV-1", "EV-2")
        case "time":
            headers["Wechatpay-Timestamp"] = str(int(headers["Wechatpay-Timestamp"]) + 1)
        case "nonce":
            headers["Wechatpay-Nonce"] = "0" * 32
        case "serial":
            headers["Wechatpay-Serial"] = "PUB_KEY_ID_OTHER"
        case _:
            headers["Wechatpay-Signature"] = "AAAA"
    told = knock(headers, body)
    assert told == (401, "cash.notification_invalid") and state(row)[0] == "paying"


@pytest.mark.parametrize("number", ["0" * 32, "f" * 32, "not-a-number", "../../x"])
def test_a_number_that_is_nobody_s_settles_nothing(row, wechat, knock, number):  # noqa: F811
    told = knock(*wechat.notification(row.pk.hex, out_bill_no=number))
    assert told == (404, "cash.withdrawal_not_found") and state(row)[0] == "paying"


def test_another_sum_settles_nothing(row, wechat, knock):  # noqa: F811
    assert knock(*wechat.notification(row.pk.hex, transfer_amount=30)) == (200, "")
    found = Withdrawal.objects.get(pk=row.pk)
    assert (found.status, found.details["waiting_for"]) == ("paying", "amount_differs")


def test_another_merchant_s_host_believes_none_of_it(row, wechat, knock, shop, toys, at):  # noqa: F811
    """Without an account of its own, with one, and even with the very same one."""
    headers, body = wechat.notification(row.pk.hex)
    assert knock(headers, body, toys) == (409, "cash.provider_not_set")
    others = wechat.account(platform_key=public_pem(key("of the toys")))
    sealed_otherwise = wechat.account(api_key="x" * 32)
    for account, told in (
        (others, (401, "cash.notification_invalid")),
        (sealed_otherwise, (401, "cash.notification_invalid")),
        (wechat.account(), (404, "cash.withdrawal_not_found")),
    ):
        with tenant_context(toys):
            put_wechat_account(account=account, at=at)
        assert knock(headers, body, toys) == told
    with tenant_context(shop):
        assert state(row)[0] == "paying"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"{}", b"[]", b"null", b'{"resource": 5}', b"x" * (MOST_BYTES + 1)]
)
def test_what_is_no_notification_never_fails(row, wechat, knock, body):  # noqa: F811
    """Signed or not: a refusal, never a fault of ours."""
    text = body.decode(errors="replace")
    for headers in ({}, wechat.signed(text)):
        status, _ = knock(headers, body)
        assert status in (400, 401), body
    assert state(row)[0] == "paying"


def test_only_a_post_is_heard(shop):
    with tenant_context(shop):
        assert Http(host_of(shop)).get(HOOK).status == 405
