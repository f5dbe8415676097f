"""How customers pay, and who gets the money."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import Body

Instructions = Annotated[str, Meta(max_length=500)]
StripeStatus = Literal["none", "pending", "active", "restricted"]


class OfflineOut(Struct, kw_only=True):
    """At the counter or by transfer; the shop's staff confirm what they have received."""

    is_on: bool
    instructions_zh: str
    instructions_en: str


class StripeOut(Struct, kw_only=True):
    """By card. `is_available`: this service has a key for Stripe · `is_offered`: customers see it now.

    status: none · pending: the form at Stripe is not finished · active: takes money · restricted:
    Stripe takes no money for the account.
    """

    is_available: bool
    is_on: bool
    is_offered: bool
    status: StripeStatus
    account_id: str | None
    is_test: bool
    checked_at: datetime | None


class PaymentMethodsOut(Struct, kw_only=True):
    offline: OfflineOut
    stripe: StripeOut


class OfflineChange(Body):
    """Only what is named changes."""

    is_on: bool | UnsetType = UNSET
    instructions_zh: Instructions | UnsetType = UNSET
    instructions_en: Instructions | UnsetType = UNSET


class StripeChange(Body):
    is_on: bool


class ConnectionOut(Struct, kw_only=True):
    """Where the owner goes on, in the same browser and within minutes."""

    url: str
