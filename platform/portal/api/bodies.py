"""Bodies of the platform API, in and out."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.api import Body
from portal import queries

Email = Annotated[str, Meta(min_length=3, max_length=254, examples=["owner@tea.example"])]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
Slug = Annotated[str, Meta(min_length=1, max_length=60, examples=["tea"])]
Code = Annotated[str, Meta(min_length=1, max_length=20, examples=["042137"])]


class AddressAnswer(Struct, kw_only=True):
    """Whether a shop can have an address on the base domain."""

    available: bool
    reason: queries.Reason | UnsetType = UNSET
    suggestions: list[str]


class SignupBody(Body, kw_only=True):
    """Who wants which shop."""

    email: Email
    password: Password
    company: Annotated[str, Meta(min_length=1, max_length=120, examples=["Tea House"])]
    slug: Slug
    template: Literal["blank", "retail", "food", "beauty", "education"] = "blank"
    locale: Literal["zh-hans", "en"] = "zh-hans"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["CNY"])]
    timezone: Annotated[str, Meta(min_length=1, max_length=60, examples=["Asia/Shanghai"])]

    def __post_init__(self) -> None:
        self.company = self.company.strip()
        if not self.company:
            raise ValueError("company may not be blank")


class SignupAnswer(Struct, kw_only=True):
    """A sign-up that waits for its code."""

    id: str
    status: Literal["unverified"] = "unverified"


class StepAnswer(Struct, kw_only=True):
    """One step on the way to a shop."""

    code: str
    title: str
    state: queries.State


class ProgressAnswer(Struct, kw_only=True):
    """How far a sign-up is. The addresses answer once the status is `ready`."""

    id: str
    status: queries.Status
    progress: Annotated[int, Meta(ge=0, le=100)]
    steps: list[StepAnswer]
    storefront_url: str
    console_url: str


class VerificationBody(Body):
    """The code from the mail; the password of the account if the address has one already."""

    code: Code
    password: Password | None = None


class SessionBody(Body):
    """Credentials of a staff user."""

    email: Email
    password: Password


class UserAnswer(Struct, kw_only=True):
    """A staff user."""

    id: str
    email: str
    name: str


class WorkplaceAnswer(Struct, kw_only=True):
    """A merchant the user works for."""

    slug: str
    name: str
    role: str
    storefront_url: str
    console_url: str


class SessionAnswer(Struct, kw_only=True):
    """Who is signed in on the base domain, and where this user works."""

    user: UserAnswer
    merchants: Sequence[WorkplaceAnswer]
