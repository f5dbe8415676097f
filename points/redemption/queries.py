"""Reading the points mall."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from points.program.queries import get_program
from points.redemption.calculations import counted_since, is_and_above
from points.redemption.choosing import Audience, audience_of
from points.redemption.errors import ItemNotFound, RedemptionNotFound
from points.redemption.models import GiftCode, MallItem, MallVariant, Redemption
from points.tiers.models import Tier
from points.tiers.queries import list_tiers

Period = MallItem.Period


@dataclass(frozen=True, slots=True)
class ForTiers:
    """Whom an item is for, by tier: the lowest of them and all above, or just these."""

    tiers: list[Tier]
    is_and_above: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An item on sale, and how many of it one member has redeemed in the limit's period (cancelled
    ones not counted). `excluded_by`: tier or segment, when it is not for that member."""

    item: MallItem
    redeemed: int
    variants: list[MallVariant]
    for_tiers: ForTiers | None = None
    excluded_by: str | None = None

    @property
    def is_sold_out(self) -> bool:
        """Whether nothing of it is left."""
        if self.item.has_variants:
            return all(row.stock == 0 for row in self.variants)
        return self.item.stock == 0


def list_offers(
    *,
    at: datetime,
    limit: int,
    after: tuple[int, uuid.UUID] | None = None,
    member: uuid.UUID | None = None,
    within_points: int | None = None,
    kinds: Sequence[str] = (),
) -> list[Offer]:
    """Items on sale at `at` in the mall's order, at most `limit`: one query, and more when among
    them are variants (1), tiers (2), segments (2) or limits that begin anew (2).

    `after` is the (position, id) of the last item seen. `within_points` keeps what this member
    could have now for so many points: in stock, and below the limit per member; whom it is for is
    told with each (`excluded_by`).
    """
    rows = _offers(at, _redeemed(member, _in_period(at) if within_points is not None else Q()))
    rows = rows.order_by("position", "-id")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if after is not None:
        position, last = after
        rows = rows.filter(Q(position__gt=position) | Q(position=position, id__lt=last))
    if within_points is not None:
        rows = rows.filter(
            Q(stock__isnull=True) | Q(stock__gt=0),
            Q(per_member_limit__isnull=True) | Q(per_member_limit__gt=F("redeemed_by_member")),
            Q(has_variants=False, price_points__lte=within_points)
            | Q(Exists(_affordable(within_points)), has_variants=True),
        )
    return _as_offers(list(rows[:limit]), member, at)


def get_item(*, item_id: uuid.UUID) -> MallItem:
    """One item, on sale or not. Raises ItemNotFound."""
    found = MallItem.objects.filter(pk=item_id).first()
    if found is None:
        raise ItemNotFound()
    return found


def get_offer(*, item_id: uuid.UUID, at: datetime, member: uuid.UUID | None = None) -> Offer:
    """One item on sale at `at`. Raises ItemNotFound."""
    row = _offers(at, _redeemed(member, Q())).filter(pk=item_id).first()
    if row is None:
        raise ItemNotFound()
    return _as_offers([row], member, at)[0]


def variants_of(*, items: Sequence[MallItem]) -> dict[uuid.UUID, list[MallVariant]]:
    """Item → its variants that are offered, in their order: one query, none where there are none."""
    found: dict[uuid.UUID, list[MallVariant]] = {}
    ids = [item.pk for item in items if item.has_variants]
    rows = MallVariant.objects.filter(item_id__in=ids, is_retired=False) if ids else []
    for row in sorted(rows, key=lambda row: row.position):
        found.setdefault(row.item_id, []).append(row)
    return found


def pool_of(*, item_id: uuid.UUID) -> tuple[int, int]:
    """Gift codes of an item: (free, handed out). One query."""
    counted = GiftCode.objects.filter(item_id=item_id).aggregate(
        free=Count("pk", filter=Q(redemption=None)), taken=Count("pk", filter=~Q(redemption=None))
    )
    return counted["free"], counted["taken"]


def tails_of(*, redemption_id: uuid.UUID) -> list[str]:
    """The gift codes of a redemption as staff may see them: their last characters. One query."""
    rows = GiftCode.objects.filter(redemption=redemption_id).order_by("pk")
    return list(rows.values_list("tail", flat=True))


def is_low() -> Q:
    """Items of which little is left, by their own threshold or that of one of their variants."""
    low = Q(stock__lte=F("low_stock_at"))
    of_variant = MallVariant.objects.filter(low, item=OuterRef("pk"), is_retired=False)
    return low | Q(Exists(of_variant))


def list_redemptions(
    *, member: uuid.UUID, limit: int, before: tuple[datetime, uuid.UUID] | None = None
) -> list[Redemption]:
    """A member's redemptions with their items, newest first; `before` is the last one seen."""
    rows = Redemption.objects.filter(member_id=member).select_related("item", "variant")
    if before is not None:
        moment, last = before
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=last))
    return list(rows.order_by("-created_at", "-id")[:limit])


def get_redemption(*, redemption_id: uuid.UUID, member: uuid.UUID | None = None) -> Redemption:
    """A redemption with its item; with `member` only that member's. Raises RedemptionNotFound."""
    rows = Redemption.objects.select_related("item", "variant").filter(pk=redemption_id)
    if member is not None:
        rows = rows.filter(member_id=member)
    found = rows.first()
    if found is None:
        raise RedemptionNotFound()
    return found


def _offers(at: datetime, redeemed: Coalesce | Value) -> QuerySet[Any]:
    """Items on sale, each with `redeemed_by_member` (which their class does not know of)."""
    return MallItem.objects.filter(
        Q(on_sale_from__isnull=True) | Q(on_sale_from__lte=at),
        Q(on_sale_until__isnull=True) | Q(on_sale_until__gt=at),
        status=MallItem.Status.ON_SALE,
    ).annotate(redeemed_by_member=redeemed)


def _as_offers(rows: list[Any], member: uuid.UUID | None, at: datetime) -> list[Offer]:
    variants = variants_of(items=rows)
    audience = audience_of(member=member, items=rows, at=at) if member else Audience()
    ladder = list_tiers() if any(row.tiers for row in rows) else []
    counted = _counted(member, rows, at) if member else {}
    return [
        Offer(
            row, counted.get(row.pk, row.redeemed_by_member), variants.get(row.pk, []), _for_tiers(row, ladder),
            audience.excluded_by(row) if member else None,
        )
        for row in rows
    ]  # fmt: skip


def _for_tiers(item: MallItem, ladder: Sequence[Tier]) -> ForTiers | None:
    if not item.tiers:
        return None
    chosen = [tier for tier in ladder if tier.code in item.tiers]
    return ForTiers(chosen, is_and_above([tier.code for tier in ladder], item.tiers))


def _affordable(points: int) -> QuerySet[MallVariant]:
    """Variants of an item that are left and cost no more."""
    return MallVariant.objects.annotate(costs=Coalesce("price_points", "item__price_points")).filter(
        Q(stock__isnull=True) | Q(stock__gt=0),
        item=OuterRef("pk"), is_retired=False, costs__lte=points,
    )  # fmt: skip


def _in_period(at: datetime) -> Q:
    """Redemptions that count for their item's limit, which may begin anew each day or month."""
    calendar = get_program().calendar
    counts = Q(item__per_member_period=Period.EVER)
    for period in (Period.MONTH, Period.DAY):
        since = counted_since(period, at, calendar)
        counts |= Q(item__per_member_period=period, created_at__gte=since)
    return counts


def _counted(member: uuid.UUID, rows: list[Any], at: datetime) -> dict[uuid.UUID, int]:
    """What counts of items whose limit begins anew: two queries, none where there is no such item."""
    ids = [row.pk for row in rows if row.per_member_limit and row.per_member_period != Period.EVER]
    if not ids:
        return {}
    kept = Redemption.objects.exclude(status=Redemption.Status.CANCELLED).filter(
        _in_period(at), item__in=ids, member_id=member
    )
    sums = kept.order_by().values_list("item").annotate(n=Sum("quantity"))
    return dict.fromkeys(ids, 0) | dict(sums)


def _redeemed(member: uuid.UUID | None, counts: Q) -> Coalesce | Value:
    if member is None:
        return Value(0)
    kept = Redemption.objects.filter(counts, item=OuterRef("pk"), member_id=member)
    sums = (
        kept.exclude(status=Redemption.Status.CANCELLED)
        .order_by()
        .values("item")
        .annotate(n=Sum("quantity"))
        .values("n")
    )
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)
