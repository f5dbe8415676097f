"""Queries and answers of the audit log, alike on every surface."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any, TypedDict

import msgspec

from kernel.clock import Calendar
from kernel.shapes import Items
from points.audit.models import AuditEntry
from points.insights.calculations import check_days

Word = Annotated[str, msgspec.Meta(max_length=120)]


class AuditFilter(msgspec.Struct, kw_only=True):
    """`action`, `actor`, `subject`: whole, or the beginning up to a dot or colon (`mall_item`,
    `key`). Days are local days of the shop, both included."""

    action: Word = ""
    actor: Word = ""
    subject: Word = ""
    first: date | None = msgspec.field(default=None, name="from")
    last: date | None = msgspec.field(default=None, name="to")


class AuditQuery(AuditFilter, kw_only=True):
    """The filter, page by page. msgspec allows one base with fields, so `Page` is spelled out."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class AuditEntryOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    occurred_at: datetime
    business_at: datetime
    actor: str
    actor_name: str
    actor_role: str
    surface: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str


class AuditEntryItems(Items, kw_only=True):
    items: list[AuditEntryOut]


class Wanted(TypedDict):
    """A filter as `audit.queries` takes it."""

    action: str
    actor: str
    subject: str
    since: datetime | None
    until: datetime | None


def wanted(query: AuditFilter, calendar: Calendar) -> Wanted:
    """The filter with its days as moments. Raises PeriodInvalid."""
    check_days(query.first, query.last)
    return {
        "action": query.action.strip(), "actor": query.actor.strip(),
        "subject": query.subject.strip(),
        "since": calendar.start_of(query.first) if query.first else None,
        "until": calendar.end_of(query.last) if query.last else None,
    }  # fmt: skip


def entry(row: AuditEntry) -> AuditEntryOut:
    """One line of the log."""
    names = AuditEntryOut.__struct_fields__
    return AuditEntryOut(**{name: getattr(row, name) for name in names})
