"""Payment intents, the charges they make, and what the charges do to the balance."""

from typing import Any

from devstack.stripe_standin import disputes
from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.cards import Card, find_card
from devstack.stripe_standin.errors import ApiError, declined, invalid, no_such

SETTLE_SECONDS = 20
LIMIT = 99_999_999
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create_intent(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """An intent to pay; with `confirm` it is paid at once, or the card's refusal is the answer."""
    check_amount(asked["amount"])
    method = asked.get("payment_method")
    if method and find_card(method) is None:
        raise no_such("PaymentMethod", method, "payment_method")
    intent = make_intent(call, asked)
    if asked.get("confirm"):
        return confirm_intent(call, {}, intent["id"])
    return intent


def make_intent(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """The object, kept and told."""
    key = new_key("pi")
    method = asked.get("payment_method")
    intent = {
        "id": key, "object": "payment_intent", "amount": asked["amount"], "amount_capturable": 0,
        "amount_received": 0, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
        "capture_method": "automatic", "client_secret": f"{key}_secret_{new_key('x', 20)[2:]}",
        "confirmation_method": "automatic", "created": call.now,
        "currency": check_currency(asked["currency"]), "customer": None,
        "description": asked.get("description"), "last_payment_error": None,
        "latest_charge": None, "livemode": False, "metadata": asked.get("metadata", {}),
        "next_action": None, "on_behalf_of": None, "payment_method": method,
        "payment_method_types": asked.get("allowed_payment_method_types", ["card"]), "processing": None,
        "receipt_email": asked.get("receipt_email"), "review": None, "setup_future_usage": None,
        "shipping": None, "statement_descriptor": asked.get("statement_descriptor"),
        "statement_descriptor_suffix": None, "transfer_data": None,
        "transfer_group": asked.get("transfer_group"),
        "status": "requires_confirmation" if method else "requires_payment_method",
    }  # fmt: skip
    call.add(intent)
    call.tell("payment_intent.created", intent)
    return intent


def confirm_intent(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Pay an intent with its card. Raises the card's refusal as Stripe does: the attempt is kept."""
    intent = call.get("payment_intent", key, "intent")
    if intent["status"] not in _OPEN:
        raise unexpected_state(intent, "confirm")
    method = asked.get("payment_method") or intent["payment_method"]
    if not method:
        raise invalid("payment_method", "You must provide a payment method to confirm.")
    card = find_card(method)
    if card is None:
        raise no_such("PaymentMethod", method, "payment_method")
    intent = pay(call, intent, card)
    if intent["last_payment_error"]:
        raise declined(card.decline, charge=intent["latest_charge"], payment_intent=intent)
    return intent


def pay(call: Call, intent: dict[str, Any], card: Card) -> dict[str, Any]:
    """Charge the card: paid, refused (`last_payment_error`) or, with a debit, under way."""
    charge = _make_charge(call, intent, card)
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    if card.decline:
        error = declined(card.decline, charge=charge["id"]).body()["error"]
        intent |= {
            "status": "requires_payment_method", "payment_method": None,
            "last_payment_error": error,
        }  # fmt: skip
        call.save(intent)
        call.tell("charge.failed", charge)
        call.tell("payment_intent.payment_failed", intent)
        return intent
    intent["last_payment_error"] = None
    if card.is_delayed:
        intent["status"] = "processing"
        call.save(intent)
        call.tell("charge.pending", charge)
        call.tell("payment_intent.processing", intent)
        call.later(SETTLE_SECONDS, "settle", intent["id"])
        return intent
    return _succeed(call, intent, charge, card)


def settle(call: Call, intent: dict[str, Any], outcome: str) -> dict[str, Any]:
    """A debit has arrived, or was refused by the bank."""
    if intent["status"] != "processing":
        raise unexpected_state(intent, "settle")
    charge = call.get("charge", intent["latest_charge"])
    if outcome == "succeeded":
        return _succeed(call, intent, charge, None)
    charge |= {"status": "failed", "failure_code": "insufficient_funds"}
    call.save(charge)
    error = declined("insufficient_funds", charge=charge["id"]).body()["error"]
    intent |= {"status": "requires_payment_method", "last_payment_error": error}
    call.save(intent)
    call.tell("charge.failed", charge)
    call.tell("payment_intent.payment_failed", intent)
    return intent


def cancel_intent(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Make sure that an intent is never paid."""
    intent = call.get("payment_intent", key, "intent")
    if intent["status"] not in _OPEN:
        raise unexpected_state(intent, "cancel")
    intent |= {
        "status": "canceled", "canceled_at": call.now,
        "cancellation_reason": asked.get("cancellation_reason"),
    }  # fmt: skip
    call.save(intent)
    call.tell("payment_intent.canceled", intent)
    return intent


def update_intent(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Change metadata or description."""
    intent = call.get("payment_intent", key, "intent")
    intent["metadata"] |= asked.get("metadata", {})
    intent["description"] = asked.get("description", intent["description"])
    return call.save(intent)


def unexpected_state(intent: dict[str, Any], verb: str) -> ApiError:
    """An intent that is past what was asked of it."""
    return ApiError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state", payment_intent=intent,
    )  # fmt: skip


def check_amount(amount: int) -> None:
    """At least one of the smallest unit, eight digits at most."""
    if amount < 1:
        raise invalid(
            "amount", "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
        )  # fmt: skip
    if amount > LIMIT:
        raise invalid("amount", "Amount must be no more than 999,999.99", code="amount_too_large")


def check_currency(currency: str) -> str:
    """Three letters, in lower case as Stripe answers them."""
    if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
        raise invalid("currency", f"Invalid currency: {currency[:20]}")
    return currency.lower()


def add_balance(call: Call, source: dict[str, Any], kind: str, amount: int) -> dict[str, Any]:
    """What an object did to the account's balance (`amount` is negative when money went out)."""
    return call.add({
        "id": new_key("txn"), "object": "balance_transaction", "amount": amount,
        "balance_type": "payments", "available_on": call.now, "created": call.now, "currency": source["currency"],
        "description": None, "exchange_rate": None, "fee": 0, "fee_details": [], "net": amount,
        "reporting_category": kind, "source": source["id"], "status": "available", "type": kind,
    })  # fmt: skip


def _make_charge(call: Call, intent: dict[str, Any], card: Card) -> dict[str, Any]:
    is_paid = not card.decline and not card.is_delayed
    status = "failed" if card.decline else "pending" if card.is_delayed else "succeeded"
    charge = {
        "id": new_key("ch"), "object": "charge", "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_paid else 0, "amount_refunded": 0,
        "application": None, "application_fee": None, "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": intent["receipt_email"], "name": None,
                            "phone": None, "tax_id": None},
        "calculated_statement_descriptor": intent["statement_descriptor"], "captured": is_paid,
        "created": call.now, "currency": intent["currency"], "customer": None,
        "description": intent["description"], "disputed": False,
        "failure_code": "card_declined" if card.decline else None,
        "failure_message": "Your card was declined." if card.decline else None,
        "fraud_details": {}, "livemode": False, "metadata": dict(intent["metadata"]),
        "on_behalf_of": None, "outcome": _outcome(card), "paid": is_paid,
        "payment_intent": intent["id"], "payment_method": new_key("pm"),
        "payment_method_details": _method_details(card), "receipt_email": intent["receipt_email"],
        "receipt_number": None, "receipt_url": None, "refunded": False, "review": None,
        "shipping": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": status, "transfer_data": None,
        "transfer_group": intent["transfer_group"], "_refund": card.refund,
    }  # fmt: skip
    return call.add(charge)


def _succeed(
    call: Call, intent: dict[str, Any], charge: dict[str, Any], card: Card | None
) -> dict[str, Any]:
    entry = add_balance(call, charge, "charge", charge["amount"])
    charge |= {
        "status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"],
        "balance_transaction": entry["id"], "disputed": bool(card and card.is_disputed),
    }  # fmt: skip
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "processing": None}
    call.save(charge)
    call.save(intent)
    call.tell("charge.succeeded", charge)
    call.tell("payment_intent.succeeded", intent)
    if card and card.is_disputed:
        disputes.open_dispute(call, charge)
    return intent


def _outcome(card: Card) -> dict[str, Any]:
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "declined_by_network" if card.decline else "approved_by_network",
        "reason": card.decline or None, "risk_level": "normal",
        "seller_message": "The bank refused." if card.decline else "Payment complete.",
        "type": "issuer_declined" if card.decline else "authorized",
    }  # fmt: skip


def _method_details(card: Card) -> dict[str, Any]:
    if card.is_delayed:
        debit = {
            "bank_code": "37040044", "branch_code": None, "country": "DE",
            "fingerprint": "standin", "last4": card.last4, "mandate": None,
        }  # fmt: skip
        return {"type": "sepa_debit", "sepa_debit": debit}
    details = {
        "amount_authorized": None, "brand": card.brand, "checks": None, "country": "US",
        "exp_month": 12, "exp_year": 2034, "fingerprint": "standin", "funding": "credit",
        "installments": None, "last4": card.last4, "mandate": None, "network": card.brand,
        "three_d_secure": None, "wallet": None,
    }  # fmt: skip
    return {"type": "card", "card": details}
