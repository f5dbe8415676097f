"""Money that leaves the platform: to a connected account, and from an account to its bank."""

from typing import Any

from devstack.stripe_standin import payments
from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.errors import ApiError, invalid, missing, no_such

PAYOUT_DAYS = 2


def create_transfer(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """Move money of the platform to a connected account that may receive it."""
    if "amount" not in asked:
        raise missing("amount")
    payments.check_amount(asked["amount"])
    account = call.store.find("account", asked["destination"], call.platform)
    if account is None:
        raise no_such("destination", asked["destination"], "destination")
    if account["capabilities"].get("transfers") != "active":
        raise ApiError(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    currency = payments.check_currency(asked["currency"])
    _take_from_balance(call, currency, asked["amount"])
    transfer = {
        "id": new_key("tr"), "object": "transfer", "amount": asked["amount"], "amount_reversed": 0,
        "balance_transaction": None, "created": call.now,
        "currency": currency,
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


def create_reversal(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Take back a transfer, or a part of it: the money is the platform's again."""
    transfer = call.get("transfer", key, "transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = asked.get("amount", left)
    if left == 0:
        raise ApiError("The transfer is already fully reversed.")
    payments.check_amount(amount)
    if amount > left:
        raise invalid(
            "amount", f"Transfer reversal amount ({amount}) is greater than what is left ({left})"
        )
    reversal = {
        "id": new_key("trr"), "object": "transfer_reversal", "amount": amount,
        "balance_transaction": None, "created": call.now, "currency": transfer["currency"],
        "destination_payment_refund": None, "metadata": asked.get("metadata", {}),
        "source_refund": None, "transfer": transfer["id"],
    }  # fmt: skip
    call.add(reversal)
    reversal["balance_transaction"] = payments.add_balance(
        call, reversal, "transfer_refund", amount
    )["id"]
    call.save(reversal)
    _take_from_balance(call, transfer["currency"], -amount)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    call.save(transfer)
    call.tell("transfer.reversed", transfer)
    return reversal


def list_reversals(call: Call, asked: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Those of a transfer, newest first."""
    call.get("transfer", key, "transfer")
    return call.store.select("transfer_reversal", call.account, transfer=key)


def set_balance(call: Call, currency: str, amount: int | None) -> None:
    """What the platform has to transfer from now on; None: as much as is asked for."""
    call.store.set_setting(f"balance {call.platform} {currency}", amount)


def _take_from_balance(call: Call, currency: str, amount: int) -> None:
    """Raises `balance_insufficient`. Nothing is counted until a control call has said what there is."""
    left = call.store.get_setting(f"balance {call.platform} {currency}", None)
    if left is None:
        return
    if amount > left:
        raise ApiError(
            "You have insufficient available funds in your Stripe account.",
            code="balance_insufficient",
        )
    set_balance(call, currency, left - amount)


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
