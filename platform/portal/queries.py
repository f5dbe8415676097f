"""Reads of more than one surface: is an address free, and how far is a sign-up."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from portal.errors import SignupNotFound
from portal.models import RESERVED_FOR, Signup
from tenants import hosts, provisioning
from tenants.calculations import suggest_slugs
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken
from tenants.models import Membership, Merchant
from tenants.tasks import ATTEMPTS
from users.models import User

Reason = Literal["taken", "reserved", "invalid"]
Status = Literal["unverified", "provisioning", "ready", "failed"]
State = Literal["done", "running", "waiting", "failed"]

STEP_TITLES = {
    Merchant.Step.SCHEMA: gettext_lazy("A data room of your own"),
    Merchant.Step.CONTENT: gettext_lazy("Points programme and template"),
    Merchant.Step.OWNER: gettext_lazy("Your access as the owner"),
    Merchant.Step.ADDRESS: gettext_lazy("Your shop's address"),
    Merchant.Step.READY: gettext_lazy("Opening the doors"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a shop."""

    code: str
    title: str | Promise
    state: State


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sign-up is; says nothing of the person behind it."""

    status: Status
    percent: int
    steps: list[Step]
    storefront_url: str
    console_url: str


def reason_against(slug: str, *, at: datetime) -> Reason | None:
    """Why an address cannot be had, or None: it can. An expired sign-up holds nothing."""
    try:
        provisioning.check_slug(slug=slug)
    except SlugInvalid:
        return "invalid"
    except SlugReserved:
        return "reserved"
    except SlugTaken:
        return None if expired_signups(at).filter(merchant__slug=slug).exists() else "taken"
    return None


def list_suggestions(slug: str, *, at: datetime) -> list[str]:
    """Addresses near a refused one that can be had."""
    stem = re.sub(r"^[^a-z]+|-(?=-)", "", slugify(slug)[:40]).strip("-")
    if not stem:
        return []
    near = [stem, *suggest_slugs(stem)]
    return [one for one in near if one != slug and reason_against(one, at=at) is None][:3]


def expired_signups(at: datetime) -> QuerySet[Signup]:
    """Those whose day is over without a confirmation."""
    return Signup.objects.filter(verified_at=None, created_at__lte=at - RESERVED_FOR)


def get_signup(signup_id: UUID | None) -> Signup:
    """With its merchant. Raises SignupNotFound."""
    found = Signup.objects.select_related("merchant")
    signup = found.filter(pk=signup_id).first() if signup_id else None
    if signup is None:
        raise SignupNotFound()
    return signup


def get_progress(signup: Signup) -> Progress:
    """Status, percentage and steps of now."""
    merchant = signup.merchant
    status = _status(signup)
    return Progress(
        status=status,
        percent=100 if status == "ready" else provisioning.progress_percent(merchant),
        steps=_steps(merchant, status),
        storefront_url=hosts.storefront_url(merchant.slug),
        console_url=console_url(merchant.slug),
    )


def console_url(slug: str) -> str:
    """Where a merchant's staff work."""
    return f"{hosts.storefront_url(slug)}console/"


def list_memberships(user: User) -> list[Membership]:
    """Where a user works, merchants in business only, oldest first."""
    open_to_staff = (Merchant.Status.READY, Merchant.Status.SUSPENDED)
    found = Membership.objects.select_related("merchant").filter(
        user=user, merchant__status__in=open_to_staff
    )
    return list(found.order_by("created_at", "pk"))


def _status(signup: Signup) -> Status:
    """Failed means: nobody tries any more. Until then a failure is only a delay."""
    merchant = signup.merchant
    if signup.verified_at is None:
        return "unverified"
    if merchant.status in (Merchant.Status.RESERVED, Merchant.Status.PROVISIONING):
        return "provisioning"
    if merchant.status == Merchant.Status.FAILED:
        return "failed" if merchant.attempts >= ATTEMPTS else "provisioning"
    return "ready"


def _steps(merchant: Merchant, status: Status) -> list[Step]:
    order = list(Merchant.Step.values)
    reached = len(order) if status == "ready" else order.index(merchant.step)
    return [
        Step(code.value, title, _state(order.index(code) - reached, status))
        for code, title in STEP_TITLES.items()
    ]


def _state(ahead: int, status: Status) -> State:
    """Of a step so many steps ahead of the last one done."""
    if ahead <= 0:
        return "done"
    if ahead > 1 or status == "unverified":
        return "waiting"
    return "failed" if status == "failed" else "running"
