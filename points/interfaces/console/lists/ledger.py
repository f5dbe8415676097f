"""One member's ledger and lots."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from django.utils.translation import gettext

from kernel.api.pages import cut, decode_cursor
from kernel.ids import parse_id
from kernel.shapes import Moment, Page
from points.channels.models import ApiKey
from points.interfaces.console.lists.searching import CursorInt
from points.interfaces.console.schemas.members import TransactionQuery
from points.ledger import queries
from points.ledger.models import Lot, Transaction
from users.models import User


def list_transactions(
    *, member: uuid.UUID, query: TransactionQuery, at: datetime
) -> tuple[Sequence[Transaction], str | None]:
    """Newest first, with what was due booked before. Three queries."""
    queries.get_balance(member=member, at=at)
    rows = queries.list_transactions(
        member=member,
        limit=query.limit + 1,
        before=decode_cursor(query.cursor, tuple[Moment, CursorInt]),
        direction=query.direction,
    )
    return cut(rows, query.limit, lambda row: (row.occurred_at, row.pk))


def list_lots(*, member: uuid.UUID, query: Page, at: datetime) -> tuple[Sequence[Lot], str | None]:
    """Open lots with payer and origin, in the order in which they will be spent. Two queries."""
    queries.get_balance(member=member, at=at)
    lots = Lot.objects.filter(wallet__member_id=member, wallet__unit="points").extra(
        where=["(ledger_lot.remaining > 0 or ledger_lot.held > 0)"]
    )
    after = decode_cursor(query.cursor, tuple[Moment | None, Moment, CursorInt])
    if after is not None:
        lots = lots.extra(
            where=[
                "(coalesce(ledger_lot.expires_at, 'infinity'), ledger_lot.granted_at,"
                " ledger_lot.id) > (coalesce(%s::timestamptz, 'infinity'), %s, %s)"
            ],
            params=list(after),
        )
    rows = lots.select_related("funding_source", "transaction").order_by(
        "expires_at", "granted_at", "id"
    )
    return cut(
        list(rows[: query.limit + 1]),
        query.limit,
        lambda row: (row.expires_at, row.granted_at, row.pk),
    )


def next_expiry(*, member: uuid.UUID) -> tuple[int, datetime] | None:
    """How many points expire soonest, and when; pending ones count. One query."""
    lots = Lot.objects.filter(
        wallet__member_id=member,
        wallet__unit="points",
        remaining__gt=0,
        expires_at__isnull=False,
        matures_at__isnull=False,
    )
    rows = list(lots.order_by("expires_at").values_list("expires_at", "remaining"))
    if not rows:
        return None
    soonest = cast(datetime, rows[0][0])
    return sum(points for moment, points in rows if moment == soonest), soonest


def name_actors(actors: Iterable[str]) -> dict[str, str]:
    """Actor as the ledger has it → the name staff know it by. At most two queries.

    Staff users live in the public schema, hence no join. Work done by the clock has no name.
    """
    by_kind: dict[str, set[str]] = {}
    for actor in actors:
        kind, _, name = actor.partition(":")
        by_kind.setdefault(kind, set()).add(name)
    names = {f"member:{name}": gettext("the member") for name in by_kind.get("member", ())}
    if ids := [found for text in by_kind.get("staff", ()) if (found := parse_id(text))]:
        for user in User.objects.filter(pk__in=ids):
            names[f"staff:{user.pk}"] = user.name or user.email
    if prefixes := by_kind.get("key"):
        for key in ApiKey.objects.filter(prefix__in=prefixes):
            names[f"key:{key.prefix}"] = key.name
    return names
