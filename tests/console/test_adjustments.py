"""Correcting a balance by hand: exact, once, with a reason and a trace."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.flows.books_checked import check_books
from points.ledger.models import Lot, Posting, Transaction
from points.ledger.queries import get_balance
from points.ledger.reconciliation import find_inconsistencies
from tests.console.conftest import API


@pytest.fixture
def path(mei) -> str:
    return f"{API}/members/{mei.pk}/adjustments"


def balance(tea, mei) -> tuple[int, int]:
    with tenant_context(tea):
        found = get_balance(member=mei.pk, at=datetime.now(UTC))
        return found.available, found.debt


def test_points_are_given_and_taken(console, tea, mei, path, owner):
    given = console.post(path, {"points": 500, "reason": " Welcome "}, idem="one")
    taken = console.post(path, {"points": -120, "reason": "Wrong till"}, idem="two")

    assert (given.status, taken.status) == (201, 201)
    assert given.json["points"]["available"] == 500
    assert given.json["points"]["lifetime_earned"] == 0
    assert taken.json["points"]["available"] == 380
    told = taken.json["transaction"]
    assert (told["kind"], told["amount"], told["balance_after"]) == ("adjust", -120, 380)
    assert (told["actor"], told["note"]) == ("Lin Owner", "Wrong till")
    with tenant_context(tea):
        rows = Transaction.objects.filter(kind="adjust").order_by("id")
        assert [(row.amount, row.note, row.actor) for row in rows] == [
            (500, "Welcome", f"staff:{owner.pk}"), (-120, "Wrong till", f"staff:{owner.pk}"),
        ]  # fmt: skip
        legs = Posting.objects.filter(account="adjustment").order_by("transaction_id")
        assert [leg.amount for leg in legs] == [-500, 120]
        lot = Lot.objects.get()
        assert (lot.granted, lot.remaining, lot.funding_source.code) == (500, 380, "merchant")
        assert lot.expires_at is not None
        assert find_inconsistencies() == []


def test_the_same_press_of_the_button_counts_once(console, tea, mei, path):
    first = console.post(path, {"points": 50, "reason": "Sorry"}, idem="press-1")
    again = console.post(path, {"points": 50, "reason": "Sorry"}, idem="press-1")
    other = console.post(path, {"points": 51, "reason": "Sorry"}, idem="press-1")

    assert again.raw == first.raw
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.code) == (422, "api.idempotency_key_reused")
    assert balance(tea, mei) == (50, 0)
    missing = console.post(path, {"points": 50, "reason": "Sorry"})
    assert (missing.status, missing.code) == (400, "api.idempotency_key_required")
    assert balance(tea, mei) == (50, 0)


def test_more_than_there_is_cannot_be_taken(console, tea, mei, path):
    console.post(path, {"points": 50, "reason": "Sorry"}, idem="one")
    answer = console.post(path, {"points": -51, "reason": "Back"}, idem="two")
    assert (answer.status, answer.code) == (409, "ledger.insufficient_points")
    assert answer.json["facts"] == {"needed": 51, "available": 50}
    assert balance(tea, mei) == (50, 0)
    with tenant_context(tea):
        assert Transaction.objects.count() == 1
        assert OutboxEvent.objects.filter(topic="audit.points.adjusted").count() == 1


def test_given_points_pay_debt_first(console, tea, mei, path, orders):
    from points.flows.order_refunded import IncomingRefund, refund_order

    orders("A-1", cents=10_000)
    console.post(path, {"points": -80, "reason": "Used at the till"}, idem="one")
    with tenant_context(tea):
        now = datetime(2026, 3, 2, tzinfo=UTC)
        refund = IncomingRefund(external_id="R-1", refunded_at=now, amount_cents=10_000)
        refund_order(external_id="A-1", refund=refund, at=now, actor="test")
    assert balance(tea, mei) == (0, 80)

    answer = console.post(path, {"points": 100, "reason": "Sorry"}, idem="two")

    assert (answer.json["points"]["available"], answer.json["points"]["debt"]) == (20, 0)
    with tenant_context(tea):
        assert check_books() == []


def test_the_lot_expires_by_the_programmes_policy(console, tea, mei, path):
    console.patch(f"{API}/program", {"expiry": {"policy": "never"}})
    console.post(path, {"points": 5, "reason": "Sorry"}, idem="one")
    with tenant_context(tea):
        assert Lot.objects.get().expires_at is None


def test_what_staff_did_reaches_the_platforms_audit_trail(console, tea, mei, path, owner):
    from kernel import outbox
    from tenants.models import AuditEvent

    console.post(path, {"points": 5, "reason": "Sorry"}, idem="one", X_Request_Id="press-0001")
    with tenant_context(tea):
        event = OutboxEvent.objects.get(topic="audit.points.adjusted")
        outbox.relay(at=datetime.now(UTC))
        noted = AuditEvent.objects.get(merchant_id=tea.pk, action="points.adjusted")
        assert noted.pk == event.event_id
        assert (noted.action, noted.subject) == ("points.adjusted", f"member:{mei.pk}")
        assert (noted.actor, noted.actor_name) == (f"staff:{owner.pk}", "Lin Owner")
        assert noted.after["points"] == 5
        assert noted.request_id == "press-0001"

        from points.flows.audited import copy_to_platform

        copy_to_platform(event)  # delivered twice
        assert AuditEvent.objects.filter(action="points.adjusted").count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"points": 0, "reason": "x"},
        {"points": 1.5, "reason": "x"},
        {"points": "5", "reason": "x"},
        {"points": True, "reason": "x"},
        {"points": 10**13, "reason": "x"},
        {"points": -(2**63), "reason": "x"},
        {"points": 5},
        {"points": 5, "reason": "  "},
        {"points": 5, "reason": "x", "unit": "cash"},
        {"points": 5, "reason": "x" * 501},
        {"points": None, "reason": "x"},
        [],
    ],
)
def test_bad_adjustments_change_nothing(console, tea, mei, path, body):
    answer = console.post(path, body, idem="new")
    assert answer.status == 400, answer
    assert answer.json["errors"] if answer.code == "api.invalid_body" else answer.code
    assert balance(tea, mei) == (0, 0)


def test_a_funding_source_can_pay_for_it(shop, mei):
    from points.flows.points_adjusted import adjust_points
    from points.ledger.actions import add_funding_source
    from points.ledger.errors import FundingSourceNotFound

    now = datetime(2026, 3, 1, tzinfo=UTC)
    add_funding_source(code="mall", name="Mall", unit_cost_micros=2_000, at=now)
    adjust_points(
        member_id=mei.pk, points=10, reason="x", at=now, actor="test", funding_source="mall"
    )
    lot = Lot.objects.select_related("funding_source").get()
    assert (lot.funding_source.code, lot.unit_cost_micros) == ("mall", 2_000)
    with pytest.raises(FundingSourceNotFound):
        adjust_points(
            member_id=mei.pk, points=10, reason="x", at=now, actor="test", funding_source="none"
        )
    assert Lot.objects.count() == 1


def test_sixteen_presses_at_once_count_once(fresh_shop):
    from points.flows.member_joined import join_member
    from tenants.models import Role
    from tests.console.conftest import console_client, employ
    from tests.support.races import together

    member = join_member(external_id="mei", at=datetime(2026, 3, 1, tzinfo=UTC))
    browser = console_client(fresh_shop, employ(fresh_shop, Role.OWNER))
    body = {"points": 50, "reason": "Sorry"}

    def press(_: int) -> tuple[int, bytes]:
        mine = console_twin(browser)
        answer = mine.post(f"{API}/members/{member.pk}/adjustments", body, idem="same")
        return answer.status, answer.raw

    results = together(16, press, merchant=fresh_shop)

    assert set(results) == {(201, results[0][1])}
    with tenant_context(fresh_shop):
        assert Transaction.objects.count() == 1
        assert get_balance(member=member.pk, at=datetime.now(UTC)).available == 50
        assert OutboxEvent.objects.filter(topic="audit.points.adjusted").count() == 1
        assert find_inconsistencies() == []


def console_twin(browser):
    """Another window of the same browser: one client serves one thread."""
    from tests.support.http import Http

    twin = Http(browser.host, **browser.headers)
    twin.client.cookies = browser.client.cookies
    return twin
