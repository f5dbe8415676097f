"""Every operation of the stand-in, called by the real client, within the types of stripe-python."""

import json
from pathlib import Path

import pytest
import stripe
from stripe import StripeClient

from devstack.stripe_standin.call import VERSION
from devstack.stripe_standin.operations import OPERATIONS
from tests.devstack.stripe_types import answer_faults, fields_faults, find_params, object_class
from tests.support.stripe import KEY, StripeControl, running_stand_in

LINE = {
    "price_data": {
        "currency": "usd", "unit_amount": 1250, "product_data": {"name": "Blue vinyl"},
    },
    "quantity": 2,
}  # fmt: skip
SESSION = {
    "mode": "payment", "line_items": [LINE], "success_url": "http://shop.localhost/done",
    "cancel_url": "http://shop.localhost/cart", "metadata": {"payment_id": "p1"},
}  # fmt: skip


class Recorder(stripe.RequestsClient):
    """The ordinary client, remembering which operation was called and what was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str, dict]] = []

    def request(self, method, url, headers, post_data=None):
        body, status, answered = super().request(method, url, headers, post_data)
        self.seen.append((method.upper(), url, json.loads(body)))
        return body, status, answered


@pytest.fixture(scope="module")
def control(tmp_path_factory):
    with running_stand_in(tmp_path_factory.mktemp("stripe")) as control:
        yield control


@pytest.fixture(scope="module")
def seen(control: StripeControl):
    """A merchant's life through the client: everything there is to call is called once at least."""
    recorder = Recorder()
    client = StripeClient(KEY, base_addresses={"api": control.url}, http_client=recorder)
    v1 = client.v1
    hook = v1.webhook_endpoints.create(
        {"url": "http://localhost:9/hook", "enabled_events": ["*"], "connect": True}
    )
    v1.webhook_endpoints.update(hook.id, {"description": "shops"})
    v1.webhook_endpoints.retrieve(hook.id)
    account = v1.accounts.create({"type": "standard", "email": "a@example.com", "country": "US"}).id
    v1.account_links.create(
        {"account": account, "type": "account_onboarding",
         "return_url": "http://x.localhost/", "refresh_url": "http://x.localhost/"}
    )  # fmt: skip
    control.post(f"accounts/{account}/onboard")
    v1.accounts.retrieve(account)
    v1.accounts.update(account, {"metadata": {"a": "b"}})
    v1.accounts.list()
    mine = {"stripe_account": account}
    v1.accounts.retrieve_current(options=mine)
    sessions = v1.checkout.sessions
    paid = sessions.create(SESSION, mine)
    control.post(f"checkout/{paid.id}/pay")
    whole = ["payment_intent.latest_charge.refunds", "line_items"]
    intent = sessions.retrieve(paid.id, {"expand": whole}, mine).payment_intent.id
    sessions.update(paid.id, {"metadata": {"c": "d"}}, mine)
    sessions.line_items.list(paid.id, options=mine)
    closed = sessions.create({**SESSION, "allowed_payment_method_types": ["sepa_debit"]}, mine)
    sessions.expire(closed.id, options=mine)
    later = sessions.create({**SESSION, "allowed_payment_method_types": ["sepa_debit"]}, mine)
    waiting = control.post(f"checkout/{later.id}/pay", card="DE89370400440532013000")
    control.post(f"payment_intents/{waiting['payment_intent']}/settle")
    sessions.list({"limit": 2}, mine)
    refund = v1.refunds.create({"payment_intent": intent, "amount": 100}, mine).id
    v1.refunds.update(refund, {"metadata": {"why": "late"}}, mine)
    v1.refunds.retrieve(refund, {"expand": ["charge", "balance_transaction"]}, mine)
    v1.refunds.list({"payment_intent": intent}, mine)
    tried = v1.payment_intents.create({"amount": 500, "currency": "usd"}, mine).id
    v1.payment_intents.update(tried, {"description": "tea"}, mine)
    with pytest.raises(stripe.CardError):
        v1.payment_intents.confirm(tried, {"payment_method": "pm_card_chargeDeclined"}, mine)
    v1.payment_intents.retrieve(tried, options=mine)
    v1.payment_intents.cancel(tried, {"cancellation_reason": "abandoned"}, mine)
    v1.payment_intents.create(
        {"amount": 700, "currency": "usd", "confirm": True,
         "payment_method": "pm_card_createDispute"}, mine,
    )  # fmt: skip
    v1.payment_intents.list(options=mine)
    charge = v1.charges.list(options=mine).data[0].id
    v1.charges.retrieve(charge, options=mine)
    dispute = v1.disputes.list(options=mine).data[0].id
    v1.disputes.retrieve(dispute, options=mine)
    v1.disputes.close(dispute, options=mine)
    transfer = v1.transfers.create(
        {"amount": 900, "currency": "usd", "destination": account, "transfer_group": "w1"}
    )
    v1.transfers.retrieve(transfer.id)
    v1.transfers.reversals.create(transfer.id, {"amount": 400, "metadata": {"why": "slip"}})
    v1.transfers.reversals.list(transfer.id)
    v1.transfers.retrieve(transfer.id)
    v1.transfers.list({"destination": account, "transfer_group": "w1"})
    payout = v1.payouts.create({"amount": 10, "currency": "usd"}, mine)
    v1.payouts.retrieve(payout.id, options=mine)
    v1.payouts.list(options=mine)
    entry = v1.balance_transactions.list(options=mine).data[0].id
    v1.balance_transactions.retrieve(entry, options=mine)
    event = v1.events.list({"limit": 100}, mine).data[0].id
    v1.events.retrieve(event, options=mine)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(hook.id)
    v1.accounts.delete(client.v1.accounts.create({"type": "express"}).id)
    return recorder.seen


def objects_in(value, path=""):
    """Every object with a type of its own, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str) and value["object"] != "list":
            yield path, value
        for key, inner in value.items():
            yield from objects_in(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from objects_in(inner, path)


def test_every_operation_was_called(seen, control):
    called = {
        id(operation)
        for method, url, _ in seen
        for operation in OPERATIONS
        if operation.match(method, url.removeprefix(control.url).partition("?")[0]) is not None
    }
    assert [f"{o.method} {o.path}" for o in OPERATIONS if id(o) not in called] == []


def test_answers_lie_within_the_types(seen):
    faults = {
        fault
        for _, _, answer in seen
        for path, body in objects_in(answer)
        if body["object"] not in ("application",)
        for fault in answer_faults(body, object_class(body["object"]), path or body["object"])
    }
    assert not faults, "\n".join(sorted(faults))
    kinds = {body["object"] for _, _, answer in seen for _, body in objects_in(answer)}
    assert kinds >= {
        "checkout.session", "payment_intent", "charge", "refund", "dispute", "transfer",
        "transfer_reversal", "payout",
        "account", "account_link", "event", "webhook_endpoint", "balance_transaction", "item",
        "price",
    }  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_parameters_lie_within_the_types(operation):
    assert fields_faults(operation.shape, find_params(operation.typed), "") == []


def test_a_shape_that_stripe_does_not_know_would_be_found():
    from devstack.stripe_standin.params import WHOLE, Fields, OneOf

    typed = find_params("checkout.SessionCreateParams")
    faults = fields_faults(
        Fields(mode=OneOf(("gift",)), cancel_url=WHOLE, colour=WHOLE), typed, "session"
    )
    assert len(faults) == 3, faults


def test_the_version_is_the_client_s_and_the_product_s():
    from django.conf import settings
    from stripe._api_version import _ApiVersion

    assert VERSION == _ApiVersion.CURRENT == settings.STRIPE_API_VERSION


def test_the_stand_in_knows_nothing_of_the_product_nor_of_stripe_s_library(repository: Path):
    for file in (repository / "platform/devstack/stripe_standin").glob("*.py"):
        text = file.read_text()
        for word in ("import stripe\n", "from stripe ", "from kernel", "from points", "django"):
            assert word not in text, (file.name, word)
