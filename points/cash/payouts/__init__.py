"""Who pays out: one module for each provider, behind `PayoutProvider`.

A provider is asked outside of transactions and may be asked the same again at any time: the number
of the withdrawal is the provider's key, so that however often it is sent it is paid once.
"""

from typing import Any, Literal, Protocol

import msgspec

# `refused`: the provider did not take it, and can be asked whether it knows of it. `unknown`: it has
# never heard of this number.
Outcome = Literal["paid", "failed", "waiting", "refused", "unknown"]


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paid. `number`: letters and digits, at most 32, the withdrawal's for ever.

    `attempt` counts how often the provider said no to it in a way that passes: what it keeps of a
    refusal must not answer for the next try.
    """

    number: str
    cents: int
    currency: str
    payee_name: str
    payee_account: str
    remark: str
    attempt: int = 0


class PayoutState(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of a payout. `reference` is its own number; `reason` its word for why.

    `details` is kept with the withdrawal (its `attempt` is the next payout's); `cents` what the
    provider says it pays, where it does.
    """

    outcome: Outcome
    reference: str = ""
    reason: str = ""
    cents: int | None = None
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class PayoutProvider(Protocol):
    """What every provider can do. Neither call raises for anything the provider or the network does:
    what is not known is `waiting`, and asked again."""

    def send(self, payout: Payout) -> PayoutState:
        """Ask for a payout, or for the same one again."""
        ...

    def read(self, number: str) -> PayoutState:
        """What became of the payout of this number; `unknown` when the provider never got it."""
        ...
