"""Money that leaves the platform: to a connected account, and from an account to its bank."""

from typing import Any

from devstack.stripe_standin import payments
from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.errors import ApiError, missing, no_such

PAYOUT_DAYS = 2


def create_transfer(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Move money of the platform to a connected account that may receive it."""
    if "amount" not in asked:
        raise missing("amount")
    payments.check_amount(asked["amount"])
    account = call.store.find("account", asked["destination"], "")
    if account is None:
        raise no_such("destination", asked["destination"], "destination")
    if account["capabilities"].get("transfers") != "active":
        raise ApiError(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    transfer = {
        "id": new_key("tr"), "object": "transfer", "amount": asked["amount"], "amount_reversed": 0,
        "balance_transaction": None, "created": call.now,
        "currency": payments.check_currency(asked["currency"]),
        "description": asked.get("description"), "destination": account["id"],
        "destination_payment": new_key("py"), "livemode": False,
        "metadata": asked.get("metadata", {}),
        "reversals": {"object": "list", "data": [], "has_more": False, "url": ""},
        "reversed": False, "source_transaction": None, "source_type": "card",
        "transfer_group": asked.get("transfer_group"),
    }  # fmt: skip
    transfer["reversals"]["url"] = f"/v1/transfers/{transfer['id']}/reversals"
    call.add(transfer)
    entry = payments.add_balance(call, transfer, "transfer", -transfer["amount"])
    transfer["balance_transaction"] = entry["id"]
    call.save(transfer)
    call.tell("transfer.created", transfer)
    return transfer


def create_payout(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Send an account's money to its bank; it is there at once here, in days at Stripe."""
    payments.check_amount(asked["amount"])
    payout = {
        "id": new_key("po"), "object": "payout", "amount": asked["amount"],
        "application_fee": None, "application_fee_amount": None,
        "arrival_date": call.now + PAYOUT_DAYS * 86_400, "automatic": False,
        "balance_transaction": None, "created": call.now,
        "currency": payments.check_currency(asked["currency"]),
        "description": asked.get("description"), "destination": new_key("ba"),
        "failure_balance_transaction": None, "failure_code": None, "failure_message": None,
        "livemode": False, "metadata": asked.get("metadata", {}),
        "method": asked.get("method", "standard"), "original_payout": None,
        "reconciliation_status": "not_applicable", "reversed_by": None, "source_type": "card",
        "statement_descriptor": asked.get("statement_descriptor"), "status": "paid",
        "type": "bank_account",
    }  # fmt: skip
    call.add(payout)
    payout["balance_transaction"] = payments.add_balance(call, payout, "payout", -payout["amount"])[
        "id"
    ]
    call.save(payout)
    call.tell("payout.created", payout)
    call.tell("payout.paid", payout)
    return payout
