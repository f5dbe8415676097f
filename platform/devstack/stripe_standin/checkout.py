"""Checkout sessions: a page that takes one payment."""

from typing import Any
from urllib.parse import quote

from devstack.stripe_standin import payments
from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.cards import Card
from devstack.stripe_standin.errors import ApiError, invalid, missing

SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600
# A second or two pass between the caller's arithmetic and ours.
LENIENCE_SECONDS = 5


def create_session(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """An open page for these lines. The account must be able to take money."""
    _check_account(call)
    _check_urls(asked)
    expires_at = _check_expiry(call, asked)
    currency, lines = _make_lines(call, asked)
    total = sum(line["amount_total"] for line in lines)
    if total < 1:
        raise ApiError(
            "The Checkout Session's total amount due must add up to at least 1.",
            code="amount_too_small",
        )
    key = f"cs_test_{new_key('x', 58)[2:]}"
    data = asked.get("payment_intent_data", {})
    session = {
        "id": key, "object": "checkout.session", "adaptive_pricing": {"enabled": False},
        "after_expiration": None, "allow_promotion_codes": None, "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None, "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"), "client_secret": None,
        "consent": None, "consent_collection": None, "created": call.now, "currency": currency,
        "currency_conversion": None, "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "customer": None, "customer_creation": "if_required", "customer_details": None,
        "customer_email": asked.get("customer_email"), "discounts": [],
        "expires_at": expires_at, "invoice": None, "invoice_creation": None, "livemode": False,
        "locale": asked.get("locale"), "metadata": asked.get("metadata", {}),
        "mode": asked["mode"], "payment_intent": None, "payment_link": None,
        "payment_method_collection": "if_required", "payment_method_options": None,
        "payment_method_types": asked.get("allowed_payment_method_types") or ["card"],
        "payment_status": "unpaid", "permissions": None,
        "phone_number_collection": {"enabled": False}, "recovered_from": None,
        "setup_intent": None, "shipping_address_collection": None, "shipping_cost": None,
        "shipping_options": [], "status": "open", "submit_type": asked.get("submit_type"),
        "subscription": None, "success_url": asked.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page", "url": f"{call.base_url}/c/pay/{key}", "wallet_options": None,
        "_lines": lines, "_intent": data,
    }  # fmt: skip
    call.add(session)
    call.later(expires_at - call.now + 1, "expire", key)
    return session


def get_session(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """A session, expired by now if its time is over."""
    session = call.get("checkout.session", key, "session")
    if session["status"] == "open" and session["expires_at"] <= call.now:
        return _expire(call, session)
    return session


def expire_session(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Close an open page. Raises when it is not open any more."""
    session = get_session(call, {}, key)
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
    return _expire(call, session)


def update_session(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Change the metadata."""
    session = get_session(call, {}, key)
    session["metadata"] |= asked.get("metadata", {})
    return call.save(session)


def pay_session(call: Call, session: dict[str, Any], card: Card, email: str) -> dict[str, Any]:
    """The customer has pressed Pay: completed, or left open with the intent's error."""
    if session["status"] != "open":
        raise ApiError("This Checkout Session is no longer open.")
    intent = _intent_of(call, session, email)
    session["payment_intent"] = intent["id"]
    intent = payments.pay(call, intent, card)
    if intent["last_payment_error"]:
        return call.save(session)
    session |= {
        "status": "complete", "url": None, "customer_email": session["customer_email"],
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "customer_details": {
            "address": None, "business_name": None, "email": email, "individual_name": None,
            "name": None, "phone": None, "tax_exempt": "none", "tax_ids": [],
        },
    }  # fmt: skip
    call.save(session)
    call.tell("checkout.session.completed", session)
    return session


def settle_session(call: Call, intent: dict[str, Any], outcome: str) -> dict[str, Any]:
    """A debit of an intent has arrived or failed; its session, if it has one, says so too."""
    intent = payments.settle(call, intent, outcome)
    for session in call.store.select("checkout.session", call.account, payment_intent=intent["id"]):
        is_paid = outcome == "succeeded"
        session["payment_status"] = "paid" if is_paid else "unpaid"
        call.save(session)
        call.tell(f"checkout.session.async_payment_{'succeeded' if is_paid else 'failed'}", session)
    return intent


def leads_to(session: dict[str, Any], url: str) -> str:
    """An address of the shop, with the session's id where it asks for it."""
    return url.replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))


def _expire(call: Call, session: dict[str, Any]) -> dict[str, Any]:
    session |= {"status": "expired", "url": None}
    if key := session["payment_intent"]:
        payments.cancel_intent(call, {"cancellation_reason": "automatic"}, key)
    call.save(session)
    call.tell("checkout.session.expired", session)
    return session


def _intent_of(call: Call, session: dict[str, Any], email: str) -> dict[str, Any]:
    if key := session["payment_intent"]:
        return call.get("payment_intent", key)
    asked = session["_intent"]
    return payments.make_intent(
        call,
        {
            **asked, "amount": session["amount_total"], "currency": session["currency"],
            "allowed_payment_method_types": session["payment_method_types"],
            "receipt_email": asked.get("receipt_email") or email or None,
        },
    )  # fmt: skip


def _check_account(call: Call) -> None:
    account = call.store.find("account", call.account, call.platform)
    if account and not account["charges_enabled"]:
        raise ApiError(
            "Your account cannot currently make charges. To get the account ready, finish its"
            " onboarding.",
            code="account_invalid",
        )


def _check_urls(asked: dict[str, Any]) -> None:
    if not asked.get("success_url"):
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        if not asked.get(name, "http://").startswith(("http://", "https://")):
            raise invalid(name, "Not a valid URL", code="url_invalid")


def _check_expiry(call: Call, asked: dict[str, Any]) -> int:
    at = asked.get("expires_at", call.now + LONGEST_SECONDS)
    if at < call.now + SHORTEST_SECONDS - LENIENCE_SECONDS:
        raise invalid(
            "expires_at",
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
        )
    if at > call.now + LONGEST_SECONDS + LENIENCE_SECONDS:
        raise invalid(
            "expires_at",
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        )
    return int(at)


def _make_lines(call: Call, asked: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    items = asked.get("line_items") or []
    if not items or len(items) > 100:
        raise missing("line_items") if not items else invalid("line_items", "Up to 100 lines.")
    lines = [_make_line(call, item, f"line_items[{i}]") for i, item in enumerate(items)]
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("line_items", "All line items must have the same currency.")
    return currencies.pop(), lines


def _make_line(call: Call, item: dict[str, Any], path: str) -> dict[str, Any]:
    price, quantity = item["price_data"], item.get("quantity", 1)
    if price["unit_amount"] < 0:
        raise invalid(f"{path}[price_data][unit_amount]", "Invalid non-negative integer")
    if quantity < 1:
        raise invalid(f"{path}[quantity]", "This value must be greater than or equal to 1.")
    currency = payments.check_currency(price["currency"])
    total = price["unit_amount"] * quantity
    return {
        "id": new_key("li"), "object": "item", "amount_discount": 0, "amount_subtotal": total,
        "amount_tax": 0, "amount_total": total, "currency": currency,
        "description": price["product_data"]["name"], "quantity": quantity,
        "price": {
            "id": new_key("price"), "object": "price", "active": False,
            "billing_scheme": "per_unit", "created": call.now, "currency": currency,
            "custom_unit_amount": None, "livemode": False, "lookup_key": None, "metadata": {},
            "nickname": None, "product": new_key("prod", 14), "recurring": None,
            "tax_behavior": "unspecified", "tiers_mode": None, "transform_quantity": None,
            "type": "one_time", "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
    }  # fmt: skip
