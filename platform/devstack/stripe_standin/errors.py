"""Refusals in the shape of Stripe's API errors."""

from typing import Any


class ApiError(Exception):
    """One refusal. `kind` is Stripe's error type; `fields` go into the `error` object."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", **fields: Any
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind = message, status, kind
        self.fields = {name: value for name, value in fields.items() if value is not None}

    @property
    def is_before_work(self) -> bool:
        """Whether nothing was begun: such an answer is not kept under an idempotency key."""
        return self.status in (400, 401, 404, 409) and "parameter" in self.fields.get("code", "")

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        error = {"type": self.kind, "message": self.message, **self.fields}
        if code := self.fields.get("code"):
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{str(code).replace('_', '-')}"
        return {"error": error}


def missing(param: str) -> ApiError:
    """A required parameter was not sent."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> ApiError:
    """A parameter that this operation does not take, or that the stand-in does not know."""
    return ApiError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def invalid(param: str, message: str, code: str | None = None) -> ApiError:
    """A parameter with a value it cannot have."""
    return ApiError(message, code=code, param=param)


def no_such(noun: str, key: str, param: str = "id") -> ApiError:
    """An id that leads nowhere, or to another account's object."""
    return ApiError(f"No such {noun}: '{key}'", status=404, code="resource_missing", param=param)


def declined(decline: str, **fields: Any) -> ApiError:
    """A card that the bank refused."""
    messages = {
        "insufficient_funds": "Your card has insufficient funds.",
        "generic_decline": "Your card was declined.",
    }
    return ApiError(
        messages[decline], status=402, kind="card_error", code="card_declined",
        decline_code=decline, **fields,
    )  # fmt: skip
