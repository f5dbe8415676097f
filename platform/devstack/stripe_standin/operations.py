"""The table of operations: method, path, what is taken, which type of stripe-python says so, who does it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from devstack.stripe_standin import (
    accounts,
    checkout,
    disputes,
    endpoints,
    payments,
    refunds,
    transfers,
)
from devstack.stripe_standin.call import TOPICS, VERSION, Call
from devstack.stripe_standin.params import (
    METADATA,
    TEXT,
    TRUTH,
    WHOLE,
    Fields,
    Many,
    OneOf,
    listing,
)

_PRICE = Fields(
    *("currency", "product_data", "unit_amount"), currency=TEXT, unit_amount=WHOLE,
    product_data=Fields("name", name=TEXT, description=TEXT),
)  # fmt: skip
_METHODS = Many(OneOf(("card", "sepa_debit")))
_INTENT_DATA = Fields(
    description=TEXT, metadata=METADATA, receipt_email=TEXT, statement_descriptor=TEXT,
    transfer_group=TEXT, capture_method=OneOf(("automatic",)),
)  # fmt: skip
_SESSION = Fields(
    "mode", mode=OneOf(("payment",)), cancel_url=TEXT, success_url=TEXT, client_reference_id=TEXT,
    customer_email=TEXT, expires_at=WHOLE, metadata=METADATA, payment_intent_data=_INTENT_DATA,
    line_items=Many(Fields("price_data", price_data=_PRICE, quantity=WHOLE)),
    allowed_payment_method_types=_METHODS, locale=OneOf(("auto", "en", "zh", "zh-HK", "zh-TW")),
    submit_type=OneOf(("auto", "book", "donate", "pay")), ui_mode=OneOf(("hosted_page",)),
)  # fmt: skip
_ACCOUNT = Fields(
    type=OneOf(("standard", "express")), country=TEXT, email=TEXT, default_currency=TEXT,
    metadata=METADATA, business_profile=Fields(name=TEXT, url=TEXT),
    capabilities=Fields(
        card_payments=Fields(requested=TRUTH), transfers=Fields(requested=TRUTH)
    ),
    controller=Fields(
        fees=Fields(payer=OneOf(("account", "application"))),
        losses=Fields(payments=OneOf(("application", "stripe"))),
        requirement_collection=OneOf(("application", "stripe")),
        stripe_dashboard=Fields(type=OneOf(("express", "full", "none"))),
    ),
)  # fmt: skip
_INTENT = Fields(
    *("amount", "currency"), amount=WHOLE, currency=TEXT, confirm=TRUTH, payment_method=TEXT,
    description=TEXT, metadata=METADATA, receipt_email=TEXT, statement_descriptor=TEXT,
    transfer_group=TEXT, capture_method=OneOf(("automatic",)), allowed_payment_method_types=_METHODS,
)  # fmt: skip
_REFUND = Fields(
    amount=WHOLE, charge=TEXT, payment_intent=TEXT, metadata=METADATA,
    reason=OneOf(("duplicate", "fraudulent", "requested_by_customer")),
)  # fmt: skip
_ENDPOINT = Fields(
    *("enabled_events", "url"), url=TEXT, enabled_events=Many(OneOf(("*", *TOPICS))), connect=TRUTH,
    description=TEXT, metadata=METADATA, api_version=OneOf((VERSION,)),
)  # fmt: skip
_METADATA_ONLY = Fields(metadata=METADATA)


@dataclass(frozen=True)
class Operation:
    """`typed` names the class in `stripe.params` whose keys the shape must lie within."""

    method: str
    path: str
    typed: str
    shape: Fields
    run: Callable[..., dict[str, Any]]

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """The ids in a path, or None when the path is another's."""
        if method != self.method:
            return None
        found = re.fullmatch(self.path.replace("{id}", r"([\w.-]{1,255})"), path)
        return found.groups() if found else None


def _retrieve(kind: str, call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    return call.get(kind, key)


def _list(kind: str, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    account = call.platform if kind == "account" else call.account
    topics = asked.pop("types", None)
    equal = {name: asked[name] for name in asked.keys() - _PAGING}
    found = call.store.select(kind, account, **equal)
    if topics:
        found = [one for one in found if one["type"] in topics]
    return cut_page(found, asked)


_PAGING = {"limit", "starting_after", "ending_before", "expand"}


def cut_page(found: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    """One page of a list, newest first, by the ids that `starting_after` or `ending_before` name."""
    limit = min(max(asked.get("limit", 10), 1), 100)
    keys = [one["id"] for one in found]
    if (after := asked.get("starting_after")) in keys:
        found = found[keys.index(after) + 1 :]
    elif (before := asked.get("ending_before")) in keys:
        newer = found[: keys.index(before)]
        return {"object": "list", "data": newer[-limit:], "has_more": len(newer) > limit}
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit}


def _list_lines(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    return cut_page(call.get("checkout.session", key, "session")["_lines"], asked)


def _list_reversals(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    return cut_page(transfers.list_reversals(call, asked, key), asked)


def _reads(kind: str, path: str, typed: str, **filters: Any) -> tuple[Operation, Operation]:
    """Retrieve and list, which every kind has."""
    return (
        Operation(
            "GET", f"{path}/{{id}}", f"{typed}RetrieveParams", Fields(expand=Many(TEXT)),
            partial(_retrieve, kind),
        ),
        Operation("GET", path, f"{typed}ListParams", listing(**filters), partial(_list, kind)),
    )  # fmt: skip


def _write(path: str, typed: str, shape: Fields, run: Callable[..., dict[str, Any]]) -> Operation:
    with_expand = Fields(*shape.required, **{**shape.shapes, "expand": Many(TEXT)})
    return Operation("POST", path, typed, with_expand, run)


_SESSIONS, _INTENTS = "/v1/checkout/sessions", "/v1/payment_intents"
_RETRIEVED_SESSION = Operation(
    "GET", f"{_SESSIONS}/{{id}}", "checkout.SessionRetrieveParams", Fields(expand=Many(TEXT)),
    checkout.get_session,
)  # fmt: skip
_CANCEL = Fields(
    cancellation_reason=OneOf(("abandoned", "duplicate", "fraudulent", "requested_by_customer"))
)
OPERATIONS: tuple[Operation, ...] = (
    _write(_SESSIONS, "checkout.SessionCreateParams", _SESSION, checkout.create_session),
    _RETRIEVED_SESSION,
    _reads(
        "checkout.session", _SESSIONS, "checkout.Session", payment_intent=TEXT,
        status=OneOf(("complete", "expired", "open")),
    )[1],
    _write(
        f"{_SESSIONS}/{{id}}", "checkout.SessionUpdateParams", _METADATA_ONLY,
        checkout.update_session,
    ),
    _write(
        f"{_SESSIONS}/{{id}}/expire", "checkout.SessionExpireParams", Fields(),
        checkout.expire_session,
    ),
    Operation(
        "GET", f"{_SESSIONS}/{{id}}/line_items", "checkout.SessionListLineItemsParams", listing(),
        _list_lines,
    ),
    _write(_INTENTS, "PaymentIntentCreateParams", _INTENT, payments.create_intent),
    _write(
        f"{_INTENTS}/{{id}}", "PaymentIntentUpdateParams",
        Fields(metadata=METADATA, description=TEXT), payments.update_intent,
    ),
    _write(
        f"{_INTENTS}/{{id}}/confirm", "PaymentIntentConfirmParams", Fields(payment_method=TEXT),
        payments.confirm_intent,
    ),
    _write(
        f"{_INTENTS}/{{id}}/cancel", "PaymentIntentCancelParams", _CANCEL, payments.cancel_intent
    ),
    *_reads("payment_intent", _INTENTS, "PaymentIntent"),
    *_reads("charge", "/v1/charges", "Charge", payment_intent=TEXT, transfer_group=TEXT),
    _write("/v1/refunds", "RefundCreateParams", _REFUND, refunds.create_refund),
    _write("/v1/refunds/{id}", "RefundUpdateParams", _METADATA_ONLY, refunds.update_refund),
    *_reads("refund", "/v1/refunds", "Refund", charge=TEXT, payment_intent=TEXT),
    _write("/v1/disputes/{id}/close", "DisputeCloseParams", Fields(), disputes.close_dispute),
    *_reads("dispute", "/v1/disputes", "Dispute", charge=TEXT, payment_intent=TEXT),
    _write(
        "/v1/transfers", "TransferCreateParams",
        Fields(
            *("currency", "destination"), amount=WHOLE, currency=TEXT, destination=TEXT,
            description=TEXT, metadata=METADATA, transfer_group=TEXT,
        ),
        transfers.create_transfer,
    ),
    *_reads("transfer", "/v1/transfers", "Transfer", destination=TEXT, transfer_group=TEXT),
    _write(
        "/v1/transfers/{id}/reversals", "TransferReversalCreateParams",
        Fields(amount=WHOLE, description=TEXT, metadata=METADATA), transfers.create_reversal,
    ),
    Operation(
        "GET", "/v1/transfers/{id}/reversals", "TransferReversalListParams", listing(),
        _list_reversals,
    ),
    _write(
        "/v1/payouts", "PayoutCreateParams",
        Fields(
            *("amount", "currency"), amount=WHOLE, currency=TEXT, description=TEXT,
            metadata=METADATA, method=OneOf(("instant", "standard")), statement_descriptor=TEXT,
        ),
        transfers.create_payout,
    ),
    *_reads("payout", "/v1/payouts", "Payout", status=TEXT),
    *_reads(
        "balance_transaction", "/v1/balance_transactions", "BalanceTransaction", source=TEXT,
        type=TEXT, payout=TEXT,
    ),
    _write("/v1/accounts", "AccountCreateParams", _ACCOUNT, accounts.create_account),
    _write(
        "/v1/accounts/{id}", "AccountUpdateParams", Fields(metadata=METADATA, email=TEXT),
        accounts.update_account,
    ),
    Operation(
        "GET", "/v1/accounts/{id}", "AccountRetrieveParams", Fields(expand=Many(TEXT)),
        accounts.retrieve_account,
    ),
    Operation(
        "GET", "/v1/account", "AccountRetrieveCurrentParams", Fields(expand=Many(TEXT)),
        accounts.retrieve_account,
    ),
    _reads("account", "/v1/accounts", "Account")[1],
    Operation(
        "DELETE", "/v1/accounts/{id}", "AccountDeleteParams", Fields(), accounts.delete_account
    ),
    _write(
        "/v1/account_links", "AccountLinkCreateParams",
        Fields(
            *("account", "type", "refresh_url", "return_url"), account=TEXT, refresh_url=TEXT,
            return_url=TEXT, type=OneOf(("account_onboarding", "account_update")),
        ),
        accounts.create_link,
    ),
    *_reads("event", "/v1/events", "Event", type=TEXT, types=Many(TEXT)),
    _write(
        "/v1/webhook_endpoints", "WebhookEndpointCreateParams", _ENDPOINT,
        endpoints.create_endpoint,
    ),
    _write(
        "/v1/webhook_endpoints/{id}", "WebhookEndpointUpdateParams",
        Fields(
            url=TEXT, enabled_events=Many(OneOf(("*", *TOPICS))), description=TEXT, disabled=TRUTH,
            metadata=METADATA,
        ),
        endpoints.update_endpoint,
    ),
    *_reads("webhook_endpoint", "/v1/webhook_endpoints", "WebhookEndpoint"),
    Operation(
        "DELETE", "/v1/webhook_endpoints/{id}", "WebhookEndpointDeleteParams", Fields(),
        endpoints.delete_endpoint,
    ),
)  # fmt: skip


def find_operation(method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
    """Who answers, and the ids in the path."""
    for operation in OPERATIONS:
        keys = operation.match(method, path)
        if keys is not None:
            return operation, keys
    return None
