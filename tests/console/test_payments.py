"""Ways to pay: the shop connects its own account at Stripe, over real HTTP against the stand-in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.flows.payments_connected import list_ways_to_pay, refresh_account
from points.program.queries import get_program
from tenants.models import AuditEvent, PaymentAccount
from tests.console.conftest import API

PATH = f"{API}/payment-methods"
CONNECTION = f"{PATH}/stripe/connection"


@pytest.fixture(autouse=True)
def _stripe(stripe_control):
    """Every test of this file speaks to the stand-in."""


def stripe_of(answer) -> dict:
    assert answer.status in (200, 201), answer
    return answer.json["stripe"]


def ways(tea) -> list[str]:
    with tenant_context(tea):
        return list_ways_to_pay(merchant=tea, settings=get_program().settings)


def connect(console, stripe_control, *, is_finished: bool = True) -> str:
    answer = console.post(CONNECTION, {})
    assert answer.status == 201, answer
    account = PaymentAccount.objects.get(status="pending").account_id
    assert answer.json["url"].startswith(f"{stripe_control.url}/setup/{account}/")
    if is_finished:
        stripe_control.post(f"accounts/{account}/onboard")
        assert console.post(f"{PATH}/stripe/refresh", {}).status == 200
    return account


def test_a_new_shop_takes_money_at_the_counter_alone(console, tea):
    told = console.get(PATH).json
    assert told["offline"] == {"is_on": True, "instructions_zh": "", "instructions_en": ""}
    assert told["stripe"] == {
        "is_available": True, "is_on": False, "is_offered": False, "status": "none",
        "account_id": None, "is_test": False, "checked_at": None,
    }  # fmt: skip
    assert ways(tea) == ["offline"]


def test_connecting_finishing_and_letting_go(console, stripe_control, tea):
    account = connect(console, stripe_control, is_finished=False)
    pending = stripe_of(console.get(PATH))
    assert (pending["status"], pending["is_on"], pending["is_offered"]) == ("pending", True, False)
    assert ways(tea) == ["offline"]
    stripe_control.post(f"accounts/{account}/onboard")
    active = stripe_of(console.post(f"{PATH}/stripe/refresh", {}))
    assert (active["status"], active["is_offered"], active["is_test"]) == ("active", True, True)
    assert ways(tea) == ["offline", "stripe"]
    gone = stripe_of(console.call("DELETE", CONNECTION))
    assert (gone["status"], gone["is_on"], gone["account_id"]) == ("none", False, None)
    assert ways(tea) == ["offline"]
    assert console.call("DELETE", CONNECTION).code == "shop.payment_account_missing"
    # The row stays for refunds, and connecting again leads to the same account.
    row = PaymentAccount.objects.get(account_id=account)
    assert (row.status, row.merchant_id) == ("disconnected", tea.pk)
    console.post(CONNECTION, {})
    assert stripe_of(console.get(PATH))["account_id"] == account
    assert ways(tea) == ["offline", "stripe"]


def test_going_on_with_the_form_opens_no_second_account(console, stripe_control):
    first = console.post(CONNECTION, {}).json["url"]
    second = console.post(CONNECTION, {}).json["url"]
    assert first != second
    assert PaymentAccount.objects.count() == 1
    assert len(stripe_control.stand_in.store.select("account", "")) == 1


def test_an_account_that_stripe_has_lost_is_replaced(console, stripe_control):
    lost = connect(console, stripe_control)
    stripe_control.post("reset")
    assert console.post(f"{PATH}/stripe/refresh", {}).code == "shop.payment_account_missing"
    console.post(CONNECTION, {})
    assert PaymentAccount.objects.get(account_id=lost).status == "disconnected"
    fresh = PaymentAccount.objects.get(status="pending")
    assert fresh.account_id != lost
    assert stripe_of(console.get(PATH))["account_id"] == fresh.account_id


def test_what_stripe_says_later_is_heard_by_its_events(console, stripe_control, tea, noon):
    from datetime import timedelta

    account = connect(console, stripe_control)
    later = PaymentAccount.objects.get().checked_at + timedelta(minutes=5)
    stripe_control.post(f"accounts/{account}/restrict")
    assert refresh_account(account_id=account, at=later).status == "restricted"
    assert (ways(tea), stripe_of(console.get(PATH))["status"]) == (["offline"], "restricted")
    # An answer that is older than what is known changes nothing.
    stripe_control.post(f"accounts/{account}/onboard")
    assert (
        refresh_account(account_id=account, at=later - timedelta(minutes=1)).status == "restricted"
    )
    assert refresh_account(account_id=account, at=later + timedelta(minutes=1)).status == "active"
    assert refresh_account(account_id="acct_of_somebody_else", at=noon) is None


def test_a_released_account_is_disconnected_by_its_event(console, stripe_control, tea):
    from django.utils import timezone

    account = connect(console, stripe_control)
    found = stripe_control.stand_in.store.find("account", account, "")
    stripe_control.stand_in.store.save({**found, "_released": True})
    assert refresh_account(account_id=account, at=timezone.now()).status == "disconnected"
    assert ways(tea) == ["offline"]


def test_each_way_can_be_turned_off_and_on(console, stripe_control, tea):
    refused = console.patch(f"{PATH}/stripe", {"is_on": True})
    assert refused.code == "shop.payment_account_missing"
    connect(console, stripe_control)
    body = {
        "is_on": False,
        "instructions_zh": " 到店付款 ",
        "instructions_en": "Pay at the counter",
    }
    told = console.patch(f"{PATH}/offline", body).json["offline"]
    assert told == {
        "is_on": False,
        "instructions_zh": "到店付款",
        "instructions_en": "Pay at the counter",
    }
    assert ways(tea) == ["stripe"]
    assert not stripe_of(console.patch(f"{PATH}/stripe", {"is_on": False}))["is_offered"]
    assert ways(tea) == []
    console.patch(f"{PATH}/offline", {"is_on": True})
    console.patch(f"{PATH}/stripe", {"is_on": True})
    assert ways(tea) == ["offline", "stripe"]
    assert console.get(PATH).json["offline"]["instructions_en"] == "Pay at the counter"
    assert console.patch(f"{PATH}/offline", {"instructions_en": "x" * 501}).status == 400
    assert (
        console.patch(f"{API}/program", {"shop": {"payments": ["offline", "offline"]}}).status
        == 400
    )


def test_a_provider_that_is_away_changes_nothing(console, stripe_control):
    stripe_control.post("faults", path="/v1/account", mode="error", status=500, times=9)
    answer = console.post(CONNECTION, {})
    assert (answer.status, answer.code) == (503, "shop.payment_provider_unavailable")
    assert (PaymentAccount.objects.count(), console.get(PATH).json["stripe"]["is_on"]) == (0, False)


def test_a_service_without_a_key_says_so(console, settings):
    settings.STRIPE_API_KEY = ""
    assert console.get(PATH).json["stripe"]["is_available"] is False
    assert console.post(CONNECTION, {}).code == "shop.payments_not_set_up"


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("marketer", False),
                                           ("support", False), ("analyst", False)])  # fmt: skip
def test_who_may(console_as, role, may):
    staff = console_as(role)
    assert staff.get(PATH).status == (200 if may else 403)
    for method, path, body in (
        ("POST", CONNECTION, {}), ("PATCH", f"{PATH}/offline", {"is_on": True}),
        ("POST", f"{PATH}/stripe/refresh", {}), ("PATCH", f"{PATH}/stripe", {"is_on": True}),
        ("DELETE", CONNECTION, None),
    ):  # fmt: skip
        answer = staff.call(method, path, body)
        assert (answer.status == 403) is not may, (path, answer)
    if not may:
        assert PaymentAccount.objects.count() == 0


def test_every_step_is_noted_in_both_logs(console, stripe_control, tea):
    account = connect(console, stripe_control)
    console.patch(f"{PATH}/offline", {"is_on": False})
    console.call("DELETE", CONNECTION)
    noted = list(AuditEvent.objects.filter(action__startswith="payment_account.").order_by("pk"))
    assert [one.action.partition(".")[2] for one in noted] == [
        "connected",
        "changed",
        "disconnected",
    ]
    assert {one.subject for one in noted} == {f"payment_account:{account}"}
    assert noted[1].after["charges_enabled"] is True
    entries = console.get(f"{API}/audit-entries?limit=50").json["items"]
    actions = [one["action"] for one in entries]
    assert actions.count("program.changed") == 3
    assert {one.action for one in noted} <= set(actions)
    with tenant_context(tea):
        assert OutboxEvent.objects.filter(topic="audit.program.changed").count() == 3


def test_reading_takes_few_queries(console, stripe_control):
    connect(console, stripe_control)
    with CaptureQueriesContext(connection) as seen:
        console.get(PATH)
    own = [one["sql"] for one in seen if "paymentaccount" in one["sql"] or "program" in one["sql"]]
    assert len(own) == 2, own
