"""What happens by itself a while later: debits arrive, refunds are settled, pages close."""

from devstack.stripe_standin import checkout, refunds
from devstack.stripe_standin.call import Call, clock
from devstack.stripe_standin.errors import ApiError
from devstack.stripe_standin.store import Store


def do_due(store: Store, base_url: str) -> None:
    """Do all that is due by now."""
    with store.work():
        rows = store.db.execute(
            "select * from later where due <= ? order by seq", (clock(),)
        ).fetchall()
        for row in rows:
            store.db.execute("delete from later where seq = ?", (row["seq"],))
            account = store.account_of(row["id"])
            if account is not None:
                call = Call(store, base_url, account=account, platform=store.platform_of(account))
                _do(call, row["what"], row["id"])


def _do(call: Call, what: str, key: str) -> None:
    try:
        match what:
            case "settle":
                checkout.settle_session(call, call.get("payment_intent", key), "succeeded")
            case "refund_succeeded" | "refund_failed":
                status = what.removeprefix("refund_")
                refunds.settle_refund(call, call.get("refund", key), status)
            case "expire":
                checkout.get_session(call, {}, key)
    except ApiError:
        return  # a control call was there first
