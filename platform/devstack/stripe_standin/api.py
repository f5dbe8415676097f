"""`/v1/…`: key, version, account, idempotency, one transaction, `expand[]`, errors."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from devstack.stripe_standin import accounts
from devstack.stripe_standin.call import NOUNS, VERSION, Call, platform_of
from devstack.stripe_standin.errors import ApiError, invalid, no_such
from devstack.stripe_standin.operations import cut_page, find_operation
from devstack.stripe_standin.params import TEXT, Fields, read_form, take
from devstack.stripe_standin.store import Store, shown

_PREFIXES = {
    "pi_": "payment_intent", "ch_": "charge", "re_": "refund", "txn_": "balance_transaction",
    "tr_": "transfer", "trr_": "transfer_reversal", "du_": "dispute", "acct_": "account",
}  # fmt: skip
_DEAUTHORIZE = Fields("stripe_user_id", stripe_user_id=TEXT, client_id=TEXT)


@dataclass
class Request:
    """As it came in; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str


@dataclass
class Answer:
    """As it goes out."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Answers for one store. Two requests with one idempotency key are never done at once."""

    def __init__(self, store: Store, base_url: str) -> None:
        self._store, self._base_url = store, base_url
        self._in_flight: set[tuple[str, str]] = set()
        self._guard = threading.Lock()

    def answer(self, request: Request) -> Answer:
        """Do what was asked, or say why not."""
        call = Call(self._store, self._base_url)
        call.idempotency_key = request.headers.get("idempotency-key")
        try:
            self._admit(request, call)
            answer = self._once(request, call)
        except ApiError as error:
            answer = Answer(error.status, error.body())
        answer.headers |= {"Request-Id": call.request_id, "Stripe-Version": VERSION}
        return answer

    def _admit(self, request: Request, call: Call) -> None:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not key.startswith(("sk_test_", "rk_test_")):
            raise ApiError("The stand-in takes secret test keys (sk_test_…) alone.", status=401)
        call.platform = call.account = platform_of(key)
        version = request.headers.get("stripe-version", VERSION)
        if version != VERSION:
            raise ApiError(f"Invalid Stripe API version: {version[:60]}")
        if account := request.headers.get("stripe-account"):
            found = self._find_account(account, call.platform)
            if found is None or found.get("_released"):
                raise ApiError(
                    f"The provided key does not have access to account '{account}' (or that account"
                    " does not exist). Application access may have been revoked.",
                    status=403, code="account_invalid",
                )  # fmt: skip
            call.account = account

    def _find_account(self, key: str, platform: str) -> dict[str, Any] | None:
        with self._store.work():
            return self._store.find("account", key, platform)

    def _once(self, request: Request, call: Call) -> Answer:
        key = call.idempotency_key
        if not key or request.method == "GET":
            return self._work(request, call)
        if len(key) > 255:
            raise ApiError("Idempotency keys have at most 255 characters.")
        lock = (call.account, key)
        with self._guard:
            if lock in self._in_flight:
                raise ApiError(
                    "There is currently another in-progress request using this Idempotent Key"
                    f" ({key}).",
                    status=409, kind="idempotency_error", code="idempotency_key_in_use",
                )  # fmt: skip
            self._in_flight.add(lock)
        try:
            return self._replay(request, call, key) or self._keep(request, call, key)
        finally:
            with self._guard:
                self._in_flight.discard(lock)

    def _replay(self, request: Request, call: Call, key: str) -> Answer | None:
        with self._store.work():
            row = self._store.db.execute(
                "select * from idempotency where account = ? and key = ?", (call.account, key)
            ).fetchone()
        if row is None:
            return None
        if row["asked"] != _fingerprint(request):
            raise ApiError(
                f"Keys for idempotent requests can only be used with the same parameters they were"
                f" first used with. Try using a key other than '{key}' if you meant to execute a"
                " different request.",
                kind="idempotency_error",
            )
        return Answer(row["status"], json.loads(row["answer"]), {"Idempotent-Replayed": "true"})

    def _keep(self, request: Request, call: Call, key: str) -> Answer:
        try:
            answer = self._work(request, call)
        except ApiError as error:
            if error.is_before_work:
                raise
            answer = Answer(error.status, error.body())
        with self._store.work():
            self._store.db.execute(
                "insert into idempotency values (?, ?, ?, ?, ?)",
                (call.account, key, _fingerprint(request), answer.status, json.dumps(answer.body)),
            )
        return answer

    def _work(self, request: Request, call: Call) -> Answer:
        if request.path == "/oauth/deauthorize":
            with self._store.work():
                asked = take(_DEAUTHORIZE, read_form(request.body))
                return Answer(200, accounts.deauthorize(call, asked))
        found = find_operation(request.method, request.path)
        if found is None:
            raise no_such(f"API operation: {request.method}", request.path, "path")
        operation, keys = found
        form = request.body if request.method == "POST" else request.query
        asked = take(operation.shape, read_form(form))
        wanted = asked.pop("expand", []) if "expand" in asked else []
        refused: ApiError | None = None
        with self._store.work():
            try:
                result = operation.run(call, asked, *keys)
            except ApiError as error:
                # A refused card is an attempt: what is known of it stays.
                if error.status != 402:
                    raise
                refused = error
            else:
                if result.get("object") == "list":
                    result["url"] = request.path
                result = _expanded(call, result, wanted)
        if refused:
            return Answer(refused.status, shown(refused.body()))
        return Answer(200, shown(result))


def _fingerprint(request: Request) -> str:
    return json.dumps([request.method, request.path, read_form(request.body)], sort_keys=True)


def _expanded(call: Call, result: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    for path in wanted:
        parts = path.split(".")
        if len(parts) > 4:
            raise invalid("expand", "You cannot expand more than 4 levels of a property.")
        if result.get("object") == "list":
            if parts.pop(0) != "data":
                raise invalid("expand", f"This property cannot be expanded ({path}).")
            for item in result["data"]:
                _expand(call, item, parts, path)
        else:
            _expand(call, result, parts, path)
    return result


def _expand(call: Call, body: dict[str, Any], parts: list[str], path: str) -> None:
    if not parts:
        return
    name, *rest = parts
    value = _included(call, body, name) or body.get(name, "missing")
    if isinstance(value, str):
        kind = next((k for prefix, k in _PREFIXES.items() if value.startswith(prefix)), None)
        if kind is None:
            raise invalid("expand", f"This property cannot be expanded ({path}).")
        account = call.platform if kind == "account" else call.account
        value = call.store.find(kind, value, account)
        if value is None:
            raise no_such(NOUNS[str(kind)], str(body[name]))
    body[name] = value
    if isinstance(value, dict):
        _expand(call, value, rest, path)


def _included(call: Call, body: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Lists that are in an object only when they are asked for."""
    match body["object"], name:
        case "checkout.session", "line_items":
            page, url = body["_lines"], f"/v1/checkout/sessions/{body['id']}/line_items"
        case "charge", "refunds":
            page = call.store.select("refund", call.account, charge=body["id"])
            url = f"/v1/charges/{body['id']}/refunds"
        case _:
            return None
    return {**cut_page(page, {}), "url": url}


def path_of(target: str) -> tuple[str, str]:
    """Path and query of a request line."""
    parts = urlsplit(target)
    return parts.path, parts.query
