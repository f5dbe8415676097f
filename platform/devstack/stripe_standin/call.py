"""One request as the operations see it: whose it is, the time, the store, the events it causes."""

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from devstack.stripe_standin.errors import no_such
from devstack.stripe_standin.store import Store, shown

VERSION = "2026-10-28.endive"
# Every event that the stand-in tells.
TOPICS = (
    "account.application.deauthorized", "account.updated", "charge.dispute.closed",
    "charge.dispute.created", "charge.failed", "charge.pending", "charge.refund.updated",
    "charge.refunded", "charge.succeeded", "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded", "checkout.session.completed",
    "checkout.session.expired", "payment_intent.canceled", "payment_intent.created",
    "payment_intent.payment_failed", "payment_intent.processing", "payment_intent.succeeded",
    "payout.created", "payout.paid", "refund.created", "refund.failed", "refund.updated",
    "transfer.created", "transfer.reversed",
)  # fmt: skip
_LETTERS = string.ascii_letters + string.digits
NOUNS = {
    "checkout.session": "checkout.session", "payment_intent": "payment_intent",
    "charge": "charge", "refund": "refund", "dispute": "dispute", "transfer": "transfer",
    "payout": "payout", "account": "account", "event": "event",
    "webhook_endpoint": "webhook_endpoint", "transfer_reversal": "transfer reversal",
    "balance_transaction": "balance_transaction",
}  # fmt: skip


def new_key(prefix: str, length: int = 24) -> str:
    """`pi_` and random letters, as Stripe's ids are."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def clock() -> float:
    """Seconds since 1970: real time, as at Stripe."""
    return datetime.now(UTC).timestamp()


def platform_of(key: str) -> str:
    """Whose a key is: `rk_test_tea` and `sk_test_tea` are of the platform `tea`, which sees nothing of
    others; the keys of the development stack (`…_standin`) are of the one without a name."""
    name = key.split("_", 2)[2]
    return "" if name == "standin" else name


@dataclass
class Call:
    """`account` is whose the objects are: a connected account that the request acts for, or the
    platform itself. `platform` is whose key it is; `""` is the platform of the development stack."""

    store: Store
    base_url: str
    account: str = ""
    platform: str = ""
    request_id: str = field(default_factory=lambda: new_key("req", 14))
    idempotency_key: str | None = None

    @property
    def now(self) -> int:
        """Whole seconds since 1970."""
        return int(clock())

    def get(self, kind: str, key: str, param: str = "id") -> dict[str, Any]:
        """An object of this account. Raises `resource_missing`."""
        found = self.store.find(kind, key, self.account)
        if found is None:
            raise no_such(NOUNS.get(kind, kind), key, param)
        return found

    def add(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a new object of this account."""
        return self.store.add(body, self.account)

    def save(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep an object as it is now."""
        return self.store.save(body)

    def tell(self, topic: str, body: dict[str, Any], **before: Any) -> dict[str, Any]:
        """Write an event about an object as it is now, and queue it for every endpoint that hears it.

        `before` holds what some fields were, for `…updated` events.
        """
        if topic not in TOPICS:
            raise KeyError(topic)
        data: dict[str, Any] = {"object": shown(body)}
        if before:
            data["previous_attributes"] = before
        event = {
            "id": new_key("evt"), "object": "event", "api_version": VERSION, "created": self.now,
            "data": data, "livemode": False, "pending_webhooks": 0, "type": topic,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
        }  # fmt: skip
        connected = self.account if self.account != self.platform else ""
        if connected:
            event["account"] = connected
        heard = [one for one in self.endpoints() if _hears(one, topic, connected)]
        event["pending_webhooks"] = len(heard)
        self.store.add(event, self.account)
        is_held = self.store.get_setting("held", False)
        for one in heard:
            self.store.db.execute(
                "insert into delivery (event, endpoint, due, state) values (?, ?, ?, ?)",
                (event["id"], one["id"], clock(), "held" if is_held else "waiting"),
            )
        return event

    def of_account(self, key: str) -> "Call":
        """The same request as it concerns a connected account: its events are told for it."""
        return Call(
            self.store, self.base_url, account=key, platform=self.platform,
            request_id=self.request_id,
        )  # fmt: skip

    def endpoints(self) -> list[dict[str, Any]]:
        """Webhook endpoints, oldest first; all are the platform's."""
        return self.store.select("webhook_endpoint", self.platform)[::-1]

    def later(self, seconds: float, what: str, key: str) -> None:
        """Have `what` done to an object in a while (see `due.py`)."""
        self.store.db.execute(
            "insert into later (due, what, id) values (?, ?, ?)", (clock() + seconds, what, key)
        )


def _hears(endpoint: dict[str, Any], topic: str, account: str) -> bool:
    if endpoint["status"] != "enabled" or endpoint["_connect"] != bool(account):
        return False
    return "*" in endpoint["enabled_events"] or topic in endpoint["enabled_events"]
