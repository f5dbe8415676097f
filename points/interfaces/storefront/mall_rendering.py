"""The points mall: from rows to answers, in the language of the request."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from kernel.db import connection
from points.interfaces import shop_orders
from points.interfaces.mall import core, payments_of
from points.interfaces.mall_shapes import Period, Ways
from points.interfaces.shop_order_shapes import PaymentMethodOut
from points.interfaces.storefront import mall_schemas as schemas
from points.interfaces.storefront.rendering import language
from points.program.queries import get_program
from points.redemption.models import MallItem, MallVariant, Redemption
from points.redemption.queries import ForTiers, Offer
from points.shop.order_models import Payment

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


def redemptions(rows: Sequence[Redemption], at: datetime) -> list[schemas.RedemptionOut]:
    """Redemptions whose items and variants are loaded. No query, one where money is paid later, one
    more where it is waited for and may be paid by card."""
    paid = payments_of(rows)
    waits = any(row.status == Redemption.Status.AWAITING_PAYMENT for row in rows)
    ways = shop_orders.payment_methods(get_program().settings) if waits else []
    return [_redemption(row, paid.get(row.pk, []), ways, at) for row in rows]


def redemption(row: Redemption, at: datetime) -> schemas.RedemptionOut:
    """One of them."""
    return redemptions([row], at)[0]


def _redemption(
    row: Redemption, paid: Sequence[Payment], ways: list[PaymentMethodOut], at: datetime
) -> schemas.RedemptionOut:
    item, waits = row.item, row.status == Redemption.Status.AWAITING_PAYMENT
    return schemas.RedemptionOut(
        mall_item=schemas.RedeemedItemOut(
            id=item.pk, title=item.title(language()), image=item.image,
            kind=MallItem.Kind(item.kind),
        ),
        address=_address(row.address),
        pickup_place=item.pickup_place(language()) if row.delivery == "pickup" else "",
        can_cancel=row.can_cancel(at, by_member=True),
        payments=[shop_orders.payment(one) for one in paid],
        payment_methods=ways if waits else [], **core(row),
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
