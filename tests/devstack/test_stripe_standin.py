"""The stand-in behaves as Stripe does where it matters: once, in any order, and refusing the same."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from stripe import StripeClient

from devstack.stripe_standin.words import WORDS
from tests.support.stripe import KEY, running_stand_in
from tests.webhooks.receiver import receiving

SESSION = {
    "mode": "payment", "success_url": "http://shop.localhost/done?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://shop.localhost/cart", "locale": "en",
    "line_items": [{
        "price_data": {"currency": "usd", "unit_amount": 1250, "product_data": {"name": "<b>Vinyl"}},
    }],
}  # fmt: skip


@pytest.fixture
def account(stripe_control):
    return stripe_control.add_account()


def make_client(control, **options) -> StripeClient:
    return StripeClient(
        KEY, base_addresses={"api": control.url}, http_client=stripe.RequestsClient(), **options
    )


@pytest.fixture
def v1(stripe_control, account):
    """The client, acting for the connected account."""
    return make_client(stripe_control, stripe_account=account).v1


class Browser(urllib.request.HTTPRedirectHandler):
    """Opens pages and presses buttons; says where it would be sent."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(self)

    def redirect_request(self, *args):
        return None

    def visit(
        self, url: str, form: str | None = None, language: str = "en"
    ) -> tuple[int, str, str]:
        data = None if form is None else form.encode()
        request = urllib.request.Request(url, data, {"Accept-Language": language})
        try:
            answer = self.opener.open(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")


def raw(control, path: str, body: str = "", **headers: str) -> tuple[int, dict, dict]:
    sent = {
        "Authorization": f"Bearer {KEY}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    request = urllib.request.Request(f"{control.url}{path}", body.encode() or None, sent)
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, json.load(answer), dict(answer.headers)


# The hosted pages


def test_a_customer_pays_after_a_declined_card(v1):
    session = v1.checkout.sessions.create(SESSION)
    browser = Browser()
    status, page, _ = browser.visit(session.url)
    assert (status, "&lt;b&gt;Vinyl" in page, "USD\N{NO-BREAK SPACE}12.50" in page) == (
        200,
        True,
        True,
    )
    status, page, _ = browser.visit(session.url, "do=pay&card=4000000000009995&email=a%40b.example")
    assert (status, "insufficient funds" in page) == (402, True)
    status, _, location = browser.visit(
        session.url, "do=pay&other=4242+4242+4242+4242&email=a%40b.example"
    )
    assert (status, location) == (303, f"http://shop.localhost/done?s={session.id}")
    paid = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (paid.status, paid.payment_status, paid.customer_details.email) == (
        "complete", "paid", "a@b.example",
    )  # fmt: skip
    assert paid.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    status, page, _ = browser.visit(session.url, "do=pay&card=4242424242424242")
    assert (status, "nothing left to pay" in page) == (200, True)
    assert len(v1.charges.list().data) == 2


def test_cancelling_leaves_the_page_open_and_a_closed_one_takes_nothing(v1):
    session = v1.checkout.sessions.create({**SESSION, "locale": "zh"})
    browser = Browser()
    assert "合计" in browser.visit(session.url)[1]
    assert browser.visit(session.url, "do=cancel")[2] == "http://shop.localhost/cart"
    assert v1.checkout.sessions.retrieve(session.id).status == "open"
    v1.checkout.sessions.expire(session.id)
    assert browser.visit(session.url, "do=pay&card=4242424242424242")[0] == 410
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        v1.checkout.sessions.expire(session.id)
    assert browser.visit(session.url[:-5] + "xxxxx")[0] == 404


def test_64_customers_press_pay_at_once_and_one_charge_is_made(v1):
    url = v1.checkout.sessions.create(SESSION).url
    with ThreadPoolExecutor(64) as pool:
        answers = list(
            pool.map(lambda _: Browser().visit(url, "do=pay&card=4242424242424242")[0], range(64))
        )
    assert sorted(set(answers)) == [200, 303] and answers.count(303) == 1
    assert len(v1.charges.list().data) == 1


def test_an_owner_fills_in_the_form_once(stripe_control):
    client = make_client(stripe_control).v1
    account = client.accounts.create({"type": "standard"})
    assert (account.charges_enabled, account.requirements.currently_due != []) == (False, True)
    link = client.account_links.create(
        {"account": account.id, "type": "account_onboarding",
         "return_url": "http://x.localhost/back", "refresh_url": "http://x.localhost/again"}
    )  # fmt: skip
    browser = Browser()
    assert "代替 Stripe" in browser.visit(link.url, language="zh-CN")[1]
    assert browser.visit(link.url, "do=finish")[2] == "http://x.localhost/back"
    assert client.accounts.retrieve(account.id).charges_enabled
    assert browser.visit(link.url, "do=finish")[0] == 404


def test_both_languages_have_the_same_words():
    assert WORDS["en"].keys() == WORDS["zh"].keys()


# Idempotency, errors, versions


def test_a_key_gives_its_first_answer_again_and_another_question_is_refused(
    stripe_control, account
):
    path, key = "/v1/payment_intents", {"Idempotency_Key": "k1", "Stripe_Account": account}
    first = raw(stripe_control, path, "amount=500&currency=usd", **key)
    again = raw(stripe_control, path, "amount=500&currency=usd", **key)
    assert (again[1], again[2]["Idempotent-Replayed"]) == (first[1], "true")
    assert "Idempotent-Replayed" not in first[2]
    status, body, _ = raw(stripe_control, path, "amount=501&currency=usd", **key)
    assert (status, body["error"]["type"]) == (400, "idempotency_error")
    other = stripe_control.add_account()
    elsewhere = raw(
        stripe_control, path, "amount=500&currency=usd", Idempotency_Key="k1", Stripe_Account=other
    )
    assert elsewhere[1]["id"] != first[1]["id"]


def test_what_was_not_begun_is_not_kept_under_a_key_and_a_declined_card_is(stripe_control, account):
    key = {"Idempotency_Key": "k2", "Stripe_Account": account}
    assert raw(stripe_control, "/v1/payment_intents", "amount=5", **key)[0] == 400
    card = "amount=5&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined"
    first = raw(stripe_control, "/v1/payment_intents", card, **key)
    assert (first[0], first[1]["error"]["decline_code"]) == (402, "generic_decline")
    again = raw(stripe_control, "/v1/payment_intents", card, **key)
    assert again[1] == first[1]
    assert len(stripe_control.stand_in.store.select("charge", account)) == 1


def test_a_twin_of_a_call_under_way_is_told_to_wait(stripe_control, account):
    stripe_control.post("faults", path="/v1/payment_intents", mode="slow", seconds=0)
    api = stripe_control.stand_in.api
    api._in_flight.add((account, "k3"))
    status, body, _ = raw(
        stripe_control, "/v1/payment_intents", "amount=5&currency=usd",
        Idempotency_Key="k3", Stripe_Account=account,
    )  # fmt: skip
    api._in_flight.clear()
    assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")


@pytest.mark.parametrize(
    ("path", "body", "code", "param"),
    [
        ("/v1/payment_intents", "amount=5", "parameter_missing", "currency"),
        ("/v1/payment_intents", "amount=5&currency=usd&colour=red", "parameter_unknown", "colour"),
        ("/v1/payment_intents", "amount=5.5&currency=usd", "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", "amount=0&currency=usd", "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", "amount=999999999&currency=usd", "amount_too_large", "amount"),
        ("/v1/payment_intents", "amount[a]=5&currency=usd", None, "amount"),
        ("/v1/checkout/sessions", "mode=payment&success_url=http://x", "parameter_missing",
         "line_items"),
        ("/v1/checkout/sessions", "mode=subscription", None, "mode"),
        ("/v1/checkout/sessions", "mode=payment&line_items[0][price]=p1", "parameter_unknown",
         "line_items[0][price]"),
        ("/v1/refunds", "amount=5", "parameter_missing", "payment_intent"),
        ("/v1/refunds", "payment_intent=pi_none", "resource_missing", "payment_intent"),
        ("/v1/transfers", "amount=5&currency=usd&destination=acct_no", "resource_missing",
         "destination"),
        ("/v1/webhook_endpoints", "url=http://example.com/&enabled_events[]=*", "url_invalid", "url"),
        ("/v1/webhook_endpoints", "url=http://127.0.0.1.example.com/&enabled_events[]=*",
         "url_invalid", "url"),
    ],
)  # fmt: skip
def test_bad_questions_are_refused_in_stripe_s_words(
    stripe_control, account, path, body, code, param
):
    status, answer, _ = raw(stripe_control, path, body, Stripe_Account=account)
    assert status in (400, 404)
    assert (answer["error"].get("code"), answer["error"]["param"]) == (code, param)


def test_wrong_keys_versions_and_hosts_are_refused(stripe_control):
    assert raw(stripe_control, "/v1/accounts", Authorization="Bearer sk_live_x")[0] == 401
    assert raw(stripe_control, "/v1/accounts", Stripe_Version="2024-06-20")[0] == 400
    assert raw(stripe_control, "/v1/accounts", Stripe_Account="acct_none")[0] == 403
    assert raw(stripe_control, "/v1/subscriptions")[0] == 404
    request = urllib.request.Request(
        f"{stripe_control.url}/v1/accounts", headers={"Host": "evil.example"}
    )
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(request)


@pytest.mark.parametrize("seconds", [29 * 60, 24 * 3600 + 60])
def test_a_page_lives_half_an_hour_at_least_and_a_day_at_most(v1, stripe_control, seconds):
    from devstack.stripe_standin.call import clock

    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.checkout.sessions.create({**SESSION, "expires_at": int(clock()) + seconds})
    assert refused.value.param == "expires_at"


def test_a_released_account_is_out_of_reach(stripe_control, account):
    body = f"client_id=ca_x&stripe_user_id={account}"
    assert raw(stripe_control, "/oauth/deauthorize", body)[1] == {"stripe_user_id": account}
    assert raw(stripe_control, "/v1/charges", Stripe_Account=account)[0] == 403
    assert raw(stripe_control, "/oauth/deauthorize", body)[0] == 401


def test_lists_are_paged_both_ways_and_kept_apart_by_account(v1, stripe_control):
    made = [v1.payment_intents.create({"amount": n, "currency": "usd"}).id for n in range(1, 6)][
        ::-1
    ]
    assert [one.id for one in v1.payment_intents.list({"limit": 2}).auto_paging_iter()] == made
    newer = v1.payment_intents.list({"ending_before": made[3], "limit": 2})
    assert ([one.id for one in newer.data], newer.has_more) == (made[1:3], True)
    other = make_client(stripe_control, stripe_account=stripe_control.add_account()).v1
    assert other.payment_intents.list().data == []


# Events


@pytest.fixture
def heard(stripe_control, account):
    """A receiver of the connected accounts' events, from now on."""
    with receiving() as receiver:
        stripe_control.stand_in.deliver_to(receiver.url, "whsec_tests")
        yield receiver


def topics(receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in receiver.requests]


def test_events_arrive_signed_in_the_order_in_which_they_happened(v1, stripe_control, heard):
    session = v1.checkout.sessions.create(SESSION)
    stripe_control.post(f"checkout/{session.id}/pay")
    heard.wait(4)
    assert topics(heard) == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip
    for one in heard.requests:
        event = stripe.Webhook.construct_event(
            one.body, one.headers["stripe-signature"], "whsec_tests"
        )
        assert event.account == stripe_control.stand_in.store.account_of(event.id)
    (delivery, *_) = stripe_control.get("deliveries")["deliveries"]
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)


def test_events_can_be_held_sent_in_any_order_twice_or_never(v1, stripe_control, heard):
    stripe_control.post("deliveries/hold")
    session = v1.checkout.sessions.create(SESSION)
    stripe_control.post(f"checkout/{session.id}/pay")
    waiting = {one["topic"]: one["event"] for one in stripe_control.get("deliveries")["deliveries"]}
    assert heard.requests == []
    order = [waiting["checkout.session.completed"], waiting["payment_intent.created"]]
    answer = stripe_control.post("deliver", events=order, times=2, timestamp=1_700_000_000)
    assert answer == {"answers": ["200"] * 4}
    assert topics(heard) == ["checkout.session.completed", "payment_intent.created"] * 2
    assert "t=1700000000," in heard.requests[0].headers["stripe-signature"]
    assert stripe_control.post("deliveries/drop", events=[waiting["charge.succeeded"]]) == {
        "dropped": 1
    }
    assert stripe_control.post("deliveries/release") == {"released": 1}
    heard.wait(5)
    assert topics(heard)[4:] == ["payment_intent.succeeded"]
    states = {one["topic"]: one["state"] for one in stripe_control.get("deliveries")["deliveries"]}
    assert states["charge.succeeded"] == "dropped"


def test_a_receiver_that_fails_is_tried_again(v1, stripe_control, heard):
    heard.answer(status=500)
    v1.payment_intents.create({"amount": 5, "currency": "usd"})
    heard.wait(1)
    heard.answer(status=200)
    heard.wait(2)
    assert heard.requests[0].body == heard.requests[1].body


def test_a_restart_forgets_nothing(tmp_path):
    with running_stand_in(tmp_path) as before:
        account = before.add_account()
        client = make_client(before, stripe_account=account).v1
        session = client.checkout.sessions.create(SESSION, {"idempotency_key": "k"})
    with running_stand_in(tmp_path) as after:
        client = make_client(after, stripe_account=account).v1
        assert client.checkout.sessions.create(SESSION, {"idempotency_key": "k"}).id == session.id
        assert client.checkout.sessions.retrieve(session.id).status == "open"
        assert [one.type for one in client.events.list().data] == ["account.updated"]


def test_each_platform_has_accounts_and_money_of_its_own(stripe_control):
    """A key sees what is of its own platform: the rest of its name says which."""
    mine, yours = (
        StripeClient(key, base_addresses={"api": stripe_control.url}).v1
        for key in ("rk_test_tea", "sk_test_records")
    )
    account = mine.accounts.create({"type": "express"}).id
    stripe_control.post(f"accounts/{account}/onboard")
    with pytest.raises(stripe.PermissionError) as refused:
        yours.accounts.retrieve(account)
    assert refused.value.error.code == "account_invalid"
    asked = {"amount": 500, "currency": "usd", "destination": account, "transfer_group": "w"}
    with pytest.raises(stripe.InvalidRequestError):
        yours.transfers.create(asked)
    stripe_control.post("balance", key="rk_test_tea", currency="usd", amount=700)
    made = mine.transfers.create(asked)
    with pytest.raises(stripe.InvalidRequestError) as short:
        mine.transfers.create(asked)
    assert short.value.error.code == "balance_insufficient"
    assert yours.transfers.list({"transfer_group": "w"}).data == []
    mine.transfers.reversals.create(made.id, {"amount": 300})
    assert mine.transfers.retrieve(made.id).amount_reversed == 300
    assert mine.transfers.create(asked).amount == 500
    with pytest.raises(stripe.InvalidRequestError):
        mine.transfers.reversals.create(made.id, {"amount": 201})
    assert mine.transfers.reversals.create(made.id).amount == 200
    assert mine.transfers.retrieve(made.id).reversed
    assert [one.amount for one in mine.transfers.reversals.list(made.id).data] == [200, 300]
