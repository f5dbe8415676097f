"""The points mall: from rows to answers, in the language of the request; no queries here."""

from datetime import datetime
from typing import cast

from kernel.db import connection
from points.interfaces.mall import core
from points.interfaces.mall_shapes import Period, Ways
from points.interfaces.storefront import mall_schemas as schemas
from points.interfaces.storefront.rendering import language
from points.redemption.models import MallItem, MallVariant, Redemption
from points.redemption.queries import ForTiers, Offer

# Below this a member should hurry; above it the number is the merchant's own business.
TELL_STOCK_UP_TO = 20


def mall_item(offer: Offer, available: int | None) -> schemas.MallItemOut:
    """An item for a member who has so many points; None for a visitor, who misses nothing yet."""
    item = offer.item
    prices = [_points(item, row) for row in offer.variants if row.stock != 0]
    cheapest = min(prices, default=item.price_points)
    return schemas.MallItemOut(
        id=item.pk, kind=MallItem.Kind(item.kind), title=item.title(language()),
        description=item.description(language()), image=item.image,
        price_points=cheapest, price_cents=item.price_cents,
        currency=connection.tenant.currency, stock_left=_told(item.stock),
        is_sold_out=offer.is_sold_out, per_member_limit=item.per_member_limit,
        per_member_period=cast(Period, item.per_member_period), redeemed_by_me=offer.redeemed,
        missing_points=0 if available is None else max(0, cheapest - available),
        variants=[_variant(item, row) for row in offer.variants],
        for_tiers=_for_tiers(offer.for_tiers), is_for_group=bool(item.segment),
        excluded_by=cast(None, offer.excluded_by), delivery=cast(Ways, item.delivery),
        pickup_place=item.pickup_place(language()), pickup_days=item.pickup_days,
        red_packet_cents=item.red_packet_cents, benefit=item.benefit(language()),
        benefit_days=item.benefit_days, on_sale_until=item.on_sale_until,
    )  # fmt: skip


def redemption(row: Redemption, at: datetime) -> schemas.RedemptionOut:
    """A redemption; its item and variant must be loaded."""
    item = row.item
    return schemas.RedemptionOut(
        mall_item=schemas.RedeemedItemOut(
            id=item.pk, title=item.title(language()), image=item.image,
            kind=MallItem.Kind(item.kind),
        ),
        address=_address(row.address),
        pickup_place=item.pickup_place(language()) if row.delivery == "pickup" else "",
        can_cancel=row.can_cancel(at, by_member=True), **core(row),
    )  # fmt: skip


def _variant(item: MallItem, row: MallVariant) -> schemas.MallVariantOut:
    return schemas.MallVariantOut(
        id=row.pk, name=row.name(language()), price_points=_points(item, row),
        price_cents=item.price_cents if row.price_cents is None else row.price_cents,
        stock_left=_told(row.stock), is_sold_out=row.stock == 0,
    )  # fmt: skip


def _points(item: MallItem, row: MallVariant) -> int:
    return item.price_points if row.price_points is None else row.price_points


def _told(stock: int | None) -> int | None:
    return stock if stock is not None and stock <= TELL_STOCK_UP_TO else None


def _for_tiers(found: ForTiers | None) -> schemas.ForTiersOut | None:
    if found is None:
        return None
    names = [tier.name(language()) for tier in found.tiers]
    return schemas.ForTiersOut(names=names, is_and_above=found.is_and_above)


def _address(stored: dict[str, str] | None) -> schemas.AddressOut | None:
    """What the partner API stored may have other keys; the storefront knows these."""
    if stored is None:
        return None
    known = schemas.AddressOut.__struct_fields__
    return schemas.AddressOut(**{key: str(stored[key]) for key in known if key in stored})
