"""The transactions behind a figure of the monthly statement."""

import uuid
from datetime import datetime

from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Moment
from points.insights.settlement_parts import Part, list_parts
from points.interfaces import wording
from points.interfaces.console import rendering
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.lists.searching import CursorInt
from points.interfaces.console.schemas.common import MemberRef
from points.interfaces.console.schemas.settlement import SettlementPart, SettlementPartQuery
from points.ledger.models import Transaction


def list_settlement_parts(
    *, query: SettlementPartQuery, at: datetime
) -> tuple[list[SettlementPart], str | None]:
    """Newest first. Five queries: programme, payer, parts, transactions with wallets, members.

    Raises MonthInvalid, FundingSourceNotFound, InvalidCursor.
    """
    parts = list_parts(
        figure=query.figure, funding_source=query.funding_source, month=query.month, at=at,
        limit=query.limit + 1, before=decode_cursor(query.cursor, tuple[Moment, CursorInt]),
    )  # fmt: skip
    page, following = cut(parts, query.limit, lambda one: (one.occurred_at, one.transaction_id))
    ids = [one.transaction_id for one in page]
    rows = {row.pk: row for row in Transaction.objects.select_related("wallet").filter(pk__in=ids)}
    members = name_members(row.wallet.member_id for row in rows.values())
    return [_part(one, rows[one.transaction_id], members) for one in page], following


def _part(one: Part, row: Transaction, members: dict[uuid.UUID, MemberRef]) -> SettlementPart:
    member = row.wallet.member_id
    return SettlementPart(
        id=str(row.pk), member=members.get(member) or rendering.unknown_member(member),
        points=one.points, reason=wording.reason(row), occurred_at=row.occurred_at,
        order_id=row.source_id if row.source_type == "order" else None,
    )  # fmt: skip
