"""Reading the points mall."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from points.redemption.errors import ItemNotFound, RedemptionNotFound
from points.redemption.models import MallItem, Redemption


@dataclass(frozen=True, slots=True)
class Offer:
    """An item on sale, and how many of it one member has redeemed (cancelled ones not counted)."""

    item: MallItem
    redeemed: int


def list_offers(
    *,
    at: datetime,
    limit: int,
    after: tuple[int, uuid.UUID] | None = None,
    member: uuid.UUID | None = None,
    within_points: int | None = None,
) -> list[Offer]:
    """Items on sale at `at` in the mall's order, at most `limit`, in one query.

    `after` is the (position, id) of the last item seen. `within_points` keeps what this member
    could have now for so many points: in stock, and below the limit per member.
    """
    rows = _offers(at, member).order_by("position", "-id")
    if after is not None:
        position, last = after
        rows = rows.filter(Q(position__gt=position) | Q(position=position, id__lt=last))
    if within_points is not None:
        rows = rows.filter(
            Q(stock__isnull=True) | Q(stock__gt=0),
            Q(per_member_limit__isnull=True) | Q(per_member_limit__gt=F("redeemed_by_member")),
            price_points__lte=within_points,
        )
    return [Offer(row, row.redeemed_by_member) for row in rows[:limit]]


def get_item(*, item_id: uuid.UUID) -> MallItem:
    """One item, on sale or not. Raises ItemNotFound."""
    found = MallItem.objects.filter(pk=item_id).first()
    if found is None:
        raise ItemNotFound()
    return found


def get_offer(*, item_id: uuid.UUID, at: datetime, member: uuid.UUID | None = None) -> Offer:
    """One item on sale at `at`. Raises ItemNotFound."""
    row = _offers(at, member).filter(pk=item_id).first()
    if row is None:
        raise ItemNotFound()
    return Offer(row, row.redeemed_by_member)


def list_redemptions(
    *, member: uuid.UUID, limit: int, before: tuple[datetime, uuid.UUID] | None = None
) -> list[Redemption]:
    """A member's redemptions with their items, newest first; `before` is the last one seen."""
    rows = Redemption.objects.filter(member_id=member).select_related("item")
    if before is not None:
        moment, last = before
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=last))
    return list(rows.order_by("-created_at", "-id")[:limit])


def get_redemption(*, redemption_id: uuid.UUID, member: uuid.UUID | None = None) -> Redemption:
    """A redemption with its item; with `member` only that member's. Raises RedemptionNotFound."""
    rows = Redemption.objects.select_related("item").filter(pk=redemption_id)
    if member is not None:
        rows = rows.filter(member_id=member)
    found = rows.first()
    if found is None:
        raise RedemptionNotFound()
    return found


def _offers(at: datetime, member: uuid.UUID | None) -> QuerySet[Any]:
    """Items on sale, each with `redeemed_by_member` (which their class does not know of)."""
    return MallItem.objects.filter(
        Q(on_sale_from__isnull=True) | Q(on_sale_from__lte=at),
        Q(on_sale_until__isnull=True) | Q(on_sale_until__gt=at),
        status=MallItem.Status.ON_SALE,
    ).annotate(redeemed_by_member=_redeemed(member))


def _redeemed(member: uuid.UUID | None) -> Coalesce | Value:
    if member is None:
        return Value(0)
    kept = Redemption.objects.filter(item=OuterRef("pk"), member_id=member)
    sums = (
        kept.exclude(status=Redemption.Status.CANCELLED)
        .order_by()
        .values("item")
        .annotate(n=Sum("quantity"))
        .values("n")
    )
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)
