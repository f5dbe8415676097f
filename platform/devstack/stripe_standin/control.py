"""`/_control/…`: what tests and the curious do to the stand-in that no API of Stripe offers.

Bodies and answers are JSON. docs/how-to/use-the-stripe-stand-in.md has the list with examples.
"""

import re
from collections.abc import Callable
from typing import Any

from devstack.stripe_standin import accounts, checkout, deliveries, disputes, refunds, transfers
from devstack.stripe_standin.call import Call, clock, platform_of
from devstack.stripe_standin.cards import find_card
from devstack.stripe_standin.errors import ApiError, missing, no_such
from devstack.stripe_standin.faults import Faults
from devstack.stripe_standin.store import Store, shown


class Control:
    """The control calls of one stand-in."""

    def __init__(self, store: Store, base_url: str, faults: Faults) -> None:
        self._store, self._base_url, self._faults = store, base_url, faults
        self._routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "deliveries", self._list_deliveries),
            ("POST", "deliveries/hold", self._hold),
            ("POST", "deliveries/release", self._release),
            ("POST", "deliveries/drop", self._drop),
            ("POST", "deliver", self._deliver),
            ("POST", "faults", self._add_fault),
            ("POST", "reset", self._reset),
            ("POST", "checkout/([^/]+)/pay", self._pay),
            ("POST", "checkout/([^/]+)/expire", self._expire),
            ("POST", "payment_intents/([^/]+)/settle", self._settle_intent),
            ("POST", "payment_intents/([^/]+)/dispute", self._dispute),
            ("POST", "refunds/([^/]+)/settle", self._settle_refund),
            ("POST", "disputes/([^/]+)/close", self._close_dispute),
            ("POST", "accounts/([^/]+)/onboard", self._onboard),
            ("POST", "accounts/([^/]+)/restrict", self._restrict),
            ("POST", "balance", self._set_balance),
        ]

    def answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do it. Raises ApiError."""
        for verb, pattern, run in self._routes:
            found = re.fullmatch(f"/_control/{pattern}", path)
            if found and verb == method:
                result: dict[str, Any] = shown(run(body, *found.groups()))
                return result
        raise no_such("control call", path, "path")

    def _list_deliveries(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._store.work():
            rows = self._store.db.execute(
                "select delivery.*, json_extract(object.body, '$.type') as topic from delivery"
                " join object on object.id = delivery.event order by delivery.seq"
            )
            return {"deliveries": [dict(row) for row in rows]}

    def _hold(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send nothing until it is released: neither what waits nor what is to come."""
        with self._store.work():
            self._store.set_setting("held", True)
            self._move("waiting", "held", None)
        return {"held": True}

    def _release(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send what was held: all of it, or the `events` named, the rest staying held."""
        with self._store.work():
            if "events" not in body:
                self._store.set_setting("held", False)
            return {"released": self._move("held", "waiting", body.get("events"))}

    def _drop(self, body: dict[str, Any]) -> dict[str, Any]:
        """Never send what is held or waits: all of it, or the `events` named."""
        with self._store.work():
            dropped = self._move("held", "dropped", body.get("events"))
            return {"dropped": dropped + self._move("waiting", "dropped", body.get("events"))}

    def _move(self, before: str, after: str, events: list[str] | None) -> int:
        rows = self._store.db.execute("select * from delivery where state = ?", (before,))
        moved = [row["seq"] for row in rows if events is None or row["event"] in events]
        for seq in moved:
            self._store.db.execute(
                "update delivery set state = ?, due = ? where seq = ?", (after, clock(), seq)
            )
        return len(moved)

    def _deliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send these `events` now, in this order, each `times` times, signed at `timestamp`.

        Answers when the receivers have: `answers` has a status for each.
        """
        answers = []
        for event in body["events"] * body.get("times", 1):
            with self._store.work():
                rows = self._store.db.execute(
                    "select * from delivery where event = ?", (event,)
                ).fetchall()
                pairs = [
                    (row, deliveries.load_pair(self._store, event, row["endpoint"])) for row in rows
                ]
            for row, pair in pairs:
                if pair is None:
                    continue
                answer = deliveries.send(*pair, timestamp=body.get("timestamp"))
                answers.append(answer)
                with self._store.work():
                    deliveries.note(self._store, dict(row), answer)
        return {"answers": answers}

    def _add_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let the next `times` requests whose path begins with `path` fail (see `faults.py`)."""
        self._faults.add(**body)
        return {"added": True}

    def _reset(self, body: dict[str, Any]) -> dict[str, Any]:
        """Forget everything, the webhook endpoints too if `endpoints` is true."""
        self._faults.clear()
        with self._store.work():
            for table in ("idempotency", "delivery", "later", "setting"):
                self._store.db.execute(f"delete from {table}")  # noqa: S608 - our own names
            kept = "" if body.get("endpoints") else "webhook_endpoint"
            self._store.db.execute("delete from object where kind <> ?", (kept,))
        return {"reset": True}

    def _pay(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """What pressing Pay on the hosted page does, with this `card`."""
        card = find_card(body.get("card", "4242424242424242"))
        if card is None:
            raise missing("card")
        with self._store.work():
            call = self._call(key)
            session = checkout.get_session(call, {}, key)
            email = body.get("email") or session["customer_email"] or "guest@example.com"
            return checkout.pay_session(call, session, card, email)

    def _expire(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The page's time is over now."""
        with self._store.work():
            return checkout.expire_session(self._call(key), {}, key)

    def _settle_intent(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A debit arrives (`outcome` succeeded) or is refused (failed)."""
        with self._store.work():
            call = self._call(key)
            outcome = _word(body, "outcome", "succeeded", "failed")
            return checkout.settle_session(call, call.get("payment_intent", key), outcome)

    def _dispute(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The customer asks the bank for the money back, whatever the card was."""
        with self._store.work():
            call = self._call(key)
            intent = call.get("payment_intent", key)
            if not intent["latest_charge"]:
                raise ApiError("Nothing was charged.")
            return disputes.open_dispute(call, call.get("charge", intent["latest_charge"]))

    def _settle_refund(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A refund arrives (`status` succeeded) or comes back (failed)."""
        with self._store.work():
            call = self._call(key)
            status = _word(body, "status", "succeeded", "failed")
            return refunds.settle_refund(call, call.get("refund", key), status)

    def _close_dispute(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The bank decides: `status` won or lost."""
        with self._store.work():
            call = self._call(key)
            return disputes.decide(
                call, call.get("dispute", key), _word(body, "status", "won", "lost")
            )

    def _onboard(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """What the button on the onboarding page does."""
        with self._store.work():
            call = self._call(key)
            return accounts.onboard(call, accounts.retrieve_account(call, {}, key))

    def _restrict(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Stripe wants to know more of an account, and stops its charges; `capability` pending: it
        looks at what it was told."""
        with self._store.work():
            call = self._call(key)
            word = _word(body, "capability", "inactive", "pending")
            return accounts.restrict(call, accounts.retrieve_account(call, {}, key), word)

    def _set_balance(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the platform of a `key` has to transfer, in a `currency`: `amount`, null for no end."""
        with self._store.work():
            platform = platform_of(body.get("key", "sk_test_standin"))
            call = Call(self._store, self._base_url, account=platform, platform=platform)
            transfers.set_balance(call, body["currency"], body["amount"])
        return {"set": True}

    def _call(self, key: str) -> Call:
        account = self._store.account_of(key)
        if account is None:
            raise no_such("object", key)
        platform = self._store.platform_of(account)
        return Call(self._store, self._base_url, account=account, platform=platform)


def _word(body: dict[str, Any], name: str, *words: str) -> str:
    value = body.get(name, words[0])
    if value not in words:
        raise ApiError(f"{name} must be one of {', '.join(words)}", param=name)
    return str(value)
