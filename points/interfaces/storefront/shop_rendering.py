"""From the catalogue to what members see of it, in the language of the request; no queries here."""

from decimal import Decimal
from typing import Any

from points.interfaces.storefront import shop_shapes as shapes
from points.interfaces.storefront.mall_rendering import TELL_STOCK_UP_TO
from points.interfaces.storefront.rendering import language
from points.media.queries import address_of
from points.shop.calculations import availability, label_of, member_price_cents
from points.shop.cart import PricedCart, PricedLine
from points.shop.composition import ShippingGoal
from points.shop.models import Address, Product, Variant
from points.shop.queries import Listed, Sheet


def card(found: Listed, rate: Decimal) -> shapes.ProductCardOut:
    """A product for somebody who pays `rate` of its list price."""
    row, cheapest = found.product, found.from_cents or 0
    return shapes.ProductCardOut(
        id=row.pk, title=row.title(language()), picture=_cover(row), from_cents=cheapest,
        to_cents=found.to_cents or 0, member_from_cents=_lower(cheapest, row, rate),
        compare_at_cents=found.compare_at_cents, is_sold_out=found.is_sold_out,
        sold_count=found.sold,
    )  # fmt: skip


def page(found: Sheet, rate: Decimal) -> shapes.ProductPageOut:
    """A product with its options and variants."""
    row = found.product
    return shapes.ProductPageOut(
        id=row.pk, title=row.title(language()), description=row.description(language()),
        pictures=[address_of(picture_id=one) for one in row.pictures],
        category=row.category.name(language()) if row.category else "",
        options=[_option(one) for one in row.options],
        variants=[_variant(one, row, rate) for one in found.variants],
        is_on_sale=row.status == Product.Status.ON_SALE, takes_points=row.takes_points,
        sold_count=sum(one.sold_count for one in found.variants),
    )  # fmt: skip


def cart(priced: PricedCart, goal: ShippingGoal | None) -> shapes.CartOut:
    """A cart at the prices of now, and how far it is from free shipping."""
    return shapes.CartOut(
        lines=[_line(one) for one in priced.lines], pieces=priced.pieces,
        list_cents=priced.list_cents, saved_cents=priced.list_cents - priced.total_cents,
        total_cents=priced.total_cents,
        free_shipping_from_cents=goal.from_cents if goal else None,
        free_shipping_missing_cents=goal.missing_cents if goal else None,
        can_check_out=any(one.can_be_bought for one in priced.lines),
    )  # fmt: skip


def address(row: Address) -> shapes.SavedAddressOut:
    """One of the member's addresses."""
    return shapes.SavedAddressOut(
        id=row.pk, name=row.name, phone=row.phone, region=row.region, line=row.line,
        is_default=row.is_default,
    )  # fmt: skip


def _variant(row: Variant, product: Product, rate: Decimal) -> shapes.ShopVariantOut:
    is_low = row.stock is not None and row.stock <= TELL_STOCK_UP_TO
    return shapes.ShopVariantOut(
        id=row.pk, choice=row.choice, label=label_of(product.options, row.choice, language()),
        price_cents=row.price_cents, member_price_cents=_lower(row.price_cents, product, rate),
        compare_at_cents=row.compare_at_cents,
        state=availability(
            product_status=product.status, variant_status=row.status, stock=row.stock, quantity=1
        ),
        stock_left=row.stock if is_low else None,
    )  # fmt: skip


def _line(one: PricedLine) -> shapes.CartLineOut:
    row, product = one.variant, one.variant.product
    return shapes.CartLineOut(
        variant_id=row.pk, product_id=product.pk, title=product.title(language()),
        label=label_of(product.options, row.choice, language()), picture=_cover(product),
        quantity=one.quantity, price_cents=one.unit_cents, list_price_cents=row.price_cents,
        total_cents=one.total_cents, state=one.state,
        left=row.stock if one.state == "too_few" else None,
    )  # fmt: skip


def _option(option: dict[str, Any]) -> shapes.ShopOptionOut:
    first, second = ("zh", "en") if language().startswith("zh") else ("en", "zh")
    name = option.get(f"name_{first}") or option.get(f"name_{second}") or ""
    values = [value.get(first) or value.get(second) or "" for value in option["values"]]
    return shapes.ShopOptionOut(name=name, values=values)


def _lower(list_cents: int, product: Product, rate: Decimal) -> int | None:
    """The member price, where it is lower than the list price."""
    found = member_price_cents(list_cents, rate, product.has_member_price)
    return found if found < list_cents else None


def _cover(row: Product) -> str | None:
    return address_of(picture_id=row.pictures[0]) if row.pictures else None
