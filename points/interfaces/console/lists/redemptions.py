"""The lists of mall items and redemptions."""

import uuid
from collections.abc import Sequence

from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Moment
from points.interfaces.console.lists.searching import CursorInt, member_condition, starts_with
from points.interfaces.console.schemas.mall import MallItemQuery, RedemptionQuery
from points.redemption.models import MallItem, Redemption
from points.redemption.queries import is_low


def list_items(*, query: MallItemQuery) -> tuple[Sequence[MallItem], str | None]:
    """All items, as the mall shows them: by position, then newest first. One query."""
    items = MallItem.objects.filter(is_low()) if query.low else MallItem.objects.all()
    after = decode_cursor(query.cursor, tuple[CursorInt, uuid.UUID])
    if after is not None:
        position, pk = after
        items = items.filter(position__gte=position).extra(
            where=["(redemption_mallitem.position > %s or redemption_mallitem.id < %s)"],
            params=[position, pk],
        )
    rows = list(items.order_by("position", "-id")[: query.limit + 1])
    return cut(rows, query.limit, lambda row: (row.position, row.pk))


def list_redemptions(
    *, query: RedemptionQuery, sees_contacts: bool, member: uuid.UUID | None = None
) -> tuple[Sequence[Redemption], str | None]:
    """Newest first, with their items, of one member or of all. One query.

    The search looks at the beginning of the code and at who redeemed.
    """
    rows = Redemption.objects.select_related("item", "variant")
    if member is not None:
        rows = rows.filter(member_id=member)
    if query.status is not None:
        rows = rows.filter(status=query.status)
    if q := query.q.strip():
        of_member, values = member_condition(q, sees_contacts=sees_contacts)
        rows = rows.extra(
            where=[
                "(redemption_redemption.code like %s or redemption_redemption.member_id in"
                f" (select m.id from members_member m where {of_member}))"
            ],
            params=[starts_with(q.upper()), *values],
        )
    after = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
    if after is not None:
        rows = rows.extra(
            where=["(redemption_redemption.created_at, redemption_redemption.id) < (%s, %s)"],
            params=list(after),
        )
    page = list(rows.order_by("-created_at", "-id")[: query.limit + 1])
    return cut(page, query.limit, lambda row: (row.created_at, row.pk))
