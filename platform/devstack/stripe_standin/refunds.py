"""Refunds: money back to the card it came from, in parts if need be, never more than was paid."""

from typing import Any

from devstack.stripe_standin import payments
from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.errors import ApiError, invalid, missing

# How long a refund is under way with the cards that do that.
SETTLE_SECONDS = 20


def create_refund(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Send back a part, or what is left. Raises `charge_already_refunded`, `charge_disputed`."""
    charge = _find_charge(call, asked)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise ApiError("This charge has not been paid.", code="charge_not_refundable")
    if charge["disputed"]:
        raise ApiError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise ApiError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = asked.get("amount", left)
    payments.check_amount(amount)
    if amount > left:
        raise invalid(
            "amount",
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
        )
    return _make(call, charge, amount, asked)


def settle_refund(call: Call, refund: dict[str, Any], status: str) -> dict[str, Any]:
    """The bank says how it ended: `succeeded`, or `failed` and the money is back at the merchant."""
    if refund["status"] == status:
        return refund
    if refund["status"] in ("failed", "canceled"):
        raise ApiError(f"This refund has {refund['status']} already.")
    before = refund["status"]
    refund |= {"status": status, "pending_reason": None}
    charge = call.get("charge", refund["charge"])
    if status == "failed":
        entry = payments.add_balance(call, refund, "refund_failure", refund["amount"])
        refund |= {
            "failure_reason": "expired_or_canceled_card",
            "failure_balance_transaction": entry["id"],
        }
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        call.save(charge)
    call.save(refund)
    call.tell("refund.updated", refund, status=before)
    call.tell("charge.refund.updated", refund, status=before)
    if status == "failed":
        call.tell("refund.failed", refund)
    return refund


def update_refund(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Change the metadata."""
    refund = call.get("refund", key)
    refund["metadata"] |= asked.get("metadata", {})
    call.save(refund)
    call.tell("refund.updated", refund)
    return refund


def _find_charge(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("charge"):
        return call.get("charge", asked["charge"], "charge")
    if not asked.get("payment_intent"):
        raise missing("payment_intent")
    intent = call.get("payment_intent", asked["payment_intent"], "payment_intent")
    if not intent["latest_charge"] or intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    return call.get("charge", intent["latest_charge"])


def _make(call: Call, charge: dict[str, Any], amount: int, asked: dict[str, Any]) -> dict[str, Any]:
    is_pending = charge["_refund"] == "pending"
    refund = {
        "id": new_key("re"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"], "created": call.now, "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": asked.get("metadata", {}), "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if is_pending else None, "reason": asked.get("reason"),
        "receipt_number": None, "source_transfer_reversal": None, "transfer_reversal": None,
        "status": "pending" if is_pending else "succeeded",
    }  # fmt: skip
    call.add(refund)
    refund["balance_transaction"] = payments.add_balance(call, refund, "refund", -amount)["id"]
    call.save(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.save(charge)
    call.tell("refund.created", refund)
    call.tell("charge.refunded", charge)
    if charge["_refund"] != "succeeded":
        what = "refund_succeeded" if is_pending else "refund_failed"
        call.later(SETTLE_SECONDS, what, refund["id"])
    return refund
