"""Disputes: a customer has asked the bank for the money back."""

from typing import Any

from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.errors import ApiError

ANSWER_SECONDS = 7 * 86_400


def open_dispute(call: Call, charge: dict[str, Any]) -> dict[str, Any]:
    """The bank has taken the whole charge back for the time being."""
    dispute = {
        "id": new_key("du"), "object": "dispute", "amount": charge["amount"],
        "balance_transactions": [], "charge": charge["id"], "created": call.now,
        "currency": charge["currency"], "enhanced_eligibility_types": [], "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + ANSWER_SECONDS, "enhanced_eligibility": {},
            "has_evidence": False, "past_due": False, "submission_count": 0, "submission_method": "not_submitted",
        },
        "is_charge_refundable": False, "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"], "reason": "fraudulent",
        "status": "needs_response",
    }  # fmt: skip
    call.add(dispute)
    charge["disputed"] = True
    call.save(charge)
    call.tell("charge.dispute.created", dispute)
    return dispute


def close_dispute(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Give in: the money stays with the customer."""
    return decide(call, call.get("dispute", key, "dispute"), "lost")


def decide(call: Call, dispute: dict[str, Any], status: str) -> dict[str, Any]:
    """The bank's last word: `won` or `lost`."""
    if dispute["status"] in ("won", "lost"):
        raise ApiError(f"This dispute is already {dispute['status']}.")
    dispute["status"] = status
    call.save(dispute)
    call.tell("charge.dispute.closed", dispute)
    return dispute
