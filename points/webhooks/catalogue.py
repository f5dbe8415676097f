"""The events other systems can subscribe to: one line each in `EVENTS`.

An event reaches receivers when its topic is registered here and somebody tells it to the outbox with
a payload that has exactly the fields of its struct. `scripts/generate.py` writes the JSON schema of
each to docs/events. What a struct promises only grows; another meaning is another version.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

ALL = "*"
TEST = "webhook.test"


class PointsEarned(msgspec.Struct, kw_only=True):
    """Points came into a wallet; those that are pending count from the day they mature."""

    transaction_id: str
    member_id: uuid.UUID
    unit: Literal["points", "growth", "cash"]
    amount: int
    reference: str | None


class PointsTaken(msgspec.Struct, kw_only=True):
    """Points moved, in the direction the topic says; `amount` is positive."""

    transaction_id: str
    member_id: uuid.UUID
    amount: int
    reference: str | None


class PointsExpiring(msgspec.Struct, kw_only=True):
    """Points that end on one local day, told as many days before as the programme says."""

    member_id: uuid.UUID
    unit: Literal["points"]
    points: int
    expires_at: datetime
    expires_date: date
    days: int


class TierChanged(msgspec.Struct, kw_only=True):
    """A member moved: codes of the tiers, None for none, and the figures behind it."""

    member_id: uuid.UUID
    from_: str | None = msgspec.field(name="from")
    to: str | None
    kind: Literal["upgrade", "downgrade", "kept", "grace", "manual", "manual_ended", "recalculated"]
    why: dict[str, Any]


class MemberTold(msgspec.Struct, kw_only=True):
    """Something happened to a member's record."""

    member_id: uuid.UUID


class MemberMerged(msgspec.Struct, kw_only=True):
    """Two records were one person: the merged one's ids go on leading to the one who stays.
    `merged_external_id` is null when the person was erased before this was sent."""

    member_id: uuid.UUID
    merged_member_id: uuid.UUID
    merged_external_id: str | None


class BudgetUsed(msgspec.Struct, kw_only=True):
    """How much of a budget is used: points, or (measure `cost`) millionths of a minor unit."""

    owner: str
    funding_source: str | None
    measure: Literal["points", "cost"]
    limit: int
    used: int


class TestMessage(msgspec.Struct, kw_only=True):
    """Says nothing but that the way is open."""

    __test__ = False  # the name makes pytest look

    message: str


class EventType(msgspec.Struct, frozen=True):
    """What is promised of one topic."""

    data: type[msgspec.Struct]
    title: str | Promise
    example: dict[str, Any]
    version: int = 1


_ID = "01a20077-438c-767c-86e5-9c0bfbe1af05"
_POINTS = {"transaction_id": "184467", "member_id": _ID, "amount": 110, "reference": "20261031-8"}
_BUDGET = {
    "owner": "funding:3", "funding_source": "brand", "measure": "points", "limit": 1_000,
    "used": 800,
}  # fmt: skip

# Topic → what is promised. The order is the one in which people choose.
EVENTS: Mapping[str, EventType] = {
    "points.earned": EventType(
        PointsEarned, gettext_lazy("Points were earned"), {**_POINTS, "unit": "points"}
    ),
    "points.spent": EventType(PointsTaken, gettext_lazy("Points were spent"), _POINTS),
    "points.clawed_back": EventType(
        PointsTaken, gettext_lazy("Points were taken back after a refund"), _POINTS
    ),
    "points.restored": EventType(
        PointsTaken, gettext_lazy("Points came back after a dispute was won"), _POINTS
    ),
    "points.expiring": EventType(
        PointsExpiring,
        gettext_lazy("Points will expire soon"),
        {
            "member_id": _ID, "unit": "points", "points": 110, "days": 30,
            "expires_at": "2026-11-30T16:00:00+00:00", "expires_date": "2026-11-30",
        },
    ),
    "tier.changed": EventType(
        TierChanged,
        gettext_lazy("A member's tier changed"),
        {
            "member_id": _ID, "from": "silver", "to": "gold", "kind": "upgrade",
            "why": {"by": "growth", "value": 1_020, "threshold": 1_000},
        },
    ),
    "points.transferred": EventType(
        PointsTaken, gettext_lazy("Points were given to another member"), _POINTS
    ),
    "points.received": EventType(
        PointsTaken, gettext_lazy("Points came from another member"), _POINTS
    ),
    "member.profile_completed": EventType(
        MemberTold, gettext_lazy("A member completed the profile"), {"member_id": _ID}
    ),
    "member.merged": EventType(
        MemberMerged,
        gettext_lazy("Two members were merged"),
        {
            "member_id": _ID, "merged_member_id": "01a20077-9d12-7b51-9c55-0f6b9a1f2c31",
            "merged_external_id": "mei-2",
        },
    ),
    "member.erased": EventType(
        MemberTold, gettext_lazy("A member's data was erased"), {"member_id": _ID}
    ),
    "budget.alert": EventType(BudgetUsed, gettext_lazy("A budget is nearly used up"), _BUDGET),
    "budget.exhausted": EventType(
        BudgetUsed, gettext_lazy("A budget is used up"), {**_BUDGET, "used": 1_000}
    ),
}  # fmt: skip
# Sent by hand to one endpoint; nobody subscribes to it.
TEST_EVENT = EventType(
    TestMessage, gettext_lazy("Test event"), {"message": "Hello from Jifen. All is well."}
)


def find_event(topic: str) -> EventType | None:
    """What is promised of a topic, or None."""
    return TEST_EVENT if topic == TEST else EVENTS.get(topic)


def write_body(*, topic: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """The body that is sent and signed: equal at every try, whatever order the database gives."""
    found = find_event(topic)
    envelope = {
        "type": topic, "version": found.version if found else 1,
        "timestamp": occurred_at, "data": dict(sorted(data.items())),
    }  # fmt: skip
    return msgspec.json.encode(envelope)


def describe_schemas() -> dict[str, dict[str, Any]]:
    """JSON schema of the whole body, by topic."""
    return {topic: _schema(topic, kind) for topic, kind in [*EVENTS.items(), (TEST, TEST_EVENT)]}


def _schema(topic: str, kind: EventType) -> dict[str, Any]:
    (reference,), parts = msgspec.json.schema_components([kind.data], ref_template="{name}")
    data = parts[reference["$ref"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": topic,
        "type": "object",
        "required": ["type", "version", "timestamp", "data"],
        "properties": {
            "type": {"const": topic},
            "version": {"const": kind.version},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
        "examples": [
            {
                "type": topic, "version": kind.version, "timestamp": "2026-10-31T02:00:00Z",
                "data": dict(sorted(kind.example.items())),
            }
        ],
    }  # fmt: skip
