"""Stripe's objects as its documentation shows them, read into our words."""

from datetime import UTC, datetime

import pytest
import stripe
from stripe.checkout import Session

from points.shop.payments import stripe_shapes as shapes


def refund(**changes):
    body = {
        "id": "re_1Nispe2eZvKYlo2Cd31jOCgZ", "object": "refund", "amount": 1000,
        "balance_transaction": "txn_1Nispe2eZvKYlo2CYezqFhEx", "created": 1692942318,
        "charge": "ch_1NirD82eZvKYlo2CIvbtLWuY", "currency": "usd", "metadata": {"reference": "r-1"},
        "payment_intent": "pi_1GszsK2eZvKYlo2CfhZyoZLp", "reason": None, "status": "succeeded",
    }  # fmt: skip
    return stripe.Refund.construct_from(body | changes, "sk_test_x")


def session(**changes):
    charge = {
        "id": "ch_3MmlLr", "object": "charge", "amount": 1099, "created": 1679090539, "paid": True,
        "disputed": False,
    }  # fmt: skip
    intent = {
        "id": "pi_3MtwBwLk", "object": "payment_intent", "amount": 1099, "amount_received": 1099,
        "status": "succeeded", "latest_charge": charge | changes.pop("charge", {}),
    }  # fmt: skip
    body = {
        "id": "cs_test_a11YYufWQ", "object": "checkout.session", "currency": "usd",
        "payment_intent": intent | changes.pop("intent", {}), "payment_status": "paid",
        "status": "complete", "url": None,
    }  # fmt: skip
    return Session.construct_from(body | changes, "sk_test_x")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("succeeded", "succeeded"), ("pending", "pending"), ("requires_action", "pending"),
     ("failed", "failed"), ("canceled", "failed"), (None, "pending")],
)  # fmt: skip
def test_the_states_of_a_refund(theirs, ours):
    assert shapes.refund(refund(status=theirs)).status == ours


def test_a_refund_that_somebody_made_at_stripe_itself_has_no_reference():
    found = shapes.refund(refund(metadata={}, failure_reason="lost_or_stolen_card"))
    assert (found.reference, found.reason) == ("", "lost_or_stolen_card")
    assert shapes.refund(refund(metadata=None)).reference == ""


def test_a_paid_session():
    found = shapes.payment(session(), [refund()], 0)
    assert (found.status, found.paid_cents, found.currency) == ("paid", 1099, "USD")
    assert found.paid_at == datetime(2023, 3, 17, 22, 2, 19, tzinfo=UTC)
    assert [one.amount_cents for one in found.refunds] == [1000]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "open", "payment_status": "unpaid", "payment_intent": None}, "open"),
        ({"status": "expired", "payment_status": "unpaid", "payment_intent": None}, "closed"),
        ({"payment_status": "unpaid", "intent": {"status": "processing"}}, "open"),
        ({"payment_status": "unpaid", "intent": {"status": "requires_payment_method"}}, "closed"),
    ],
)
def test_a_session_that_is_not_paid(changes, status):
    found = shapes.payment(session(**changes), [], 0)
    assert (found.status, found.paid_cents, found.paid_at) == (status, 0, None)


def test_a_charge_that_failed_is_none():
    assert shapes.charge_of(session(charge={"paid": False})) is None


@pytest.mark.parametrize(
    ("status", "is_at_risk"),
    [("needs_response", True), ("under_review", True), ("lost", True), ("won", False),
     ("warning_needs_response", False), ("warning_closed", False), ("prevented", False)],
)  # fmt: skip
def test_disputes_that_cost_money(status, is_at_risk):
    assert shapes.is_at_risk(status) is is_at_risk
