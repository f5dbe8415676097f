"""The shop's shelves, open to visitors."""

import uuid
from decimal import Decimal
from typing import Annotated

import msgspec
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import LARGEST_AMOUNT
from points.flows.member_price import benefits_for
from points.interfaces.finding import require_id
from points.interfaces.storefront import shop_rendering as rendering
from points.interfaces.storefront import shop_shapes as shapes
from points.interfaces.storefront.base import StorefrontEndpoint
from points.interfaces.storefront.rendering import language
from points.program.calculations import Shop
from points.program.queries import get_program
from points.shop import queries
from points.shop.errors import ProductNotFound
from points.tiers.calculations import Benefits

_SortKey = Annotated[int, msgspec.Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]


class ShopCategories(StorefrontEndpoint):
    """Categories with something on sale. One query."""

    @operation(summary="List categories", answers={200: shapes.ShopCategoryItems})
    def get(self, request: Request) -> shapes.ShopCategoryItems:
        return shapes.ShopCategoryItems(
            items=[
                shapes.ShopCategoryOut(code=row.code, name=row.name(language()))
                for row, on_sale in queries.list_categories() if on_sale
            ]
        )  # fmt: skip


class ShopProducts(StorefrontEndpoint):
    """What is on sale. A visitor: 2 queries; signed in: 5, 3 while tiers are off."""

    @operation(
        summary="List products on sale",
        description="Signed in, with the member price of the member's tier.",
        query=shapes.ShopQuery,
        answers={200: shapes.ProductCardItems},
        refuses=[InvalidCursor],
    )
    def get(self, request: Request, query: shapes.ShopQuery) -> shapes.ProductCardItems:
        found = queries.list_products(
            limit=query.limit + 1, sort=query.sort, status="on_sale", category=query.category,
            search=query.search.strip(),
            after=decode_cursor(query.cursor, tuple[_SortKey, uuid.UUID]),
        )  # fmt: skip
        page, following = cut(found, query.limit, lambda one: queries.sort_key(one, query.sort))
        rate = rate_for(self)
        items = [rendering.card(one, rate) for one in page]
        return shapes.ProductCardItems(items=items, next=following)


class ShopProductView(StorefrontEndpoint):
    """One product: its row and its variants, beside who looks."""

    @operation(
        summary="Get a product",
        description="Also while it is paused; a draft is not found.",
        answers={200: shapes.ProductPageOut},
        refuses=[ProductNotFound],
    )
    def get(self, request: Request, product_id: str) -> shapes.ProductPageOut:
        parsed = require_id(product_id, ProductNotFound)
        found = queries.get_sheet(product_id=parsed, for_members=True)
        return rendering.page(found, rate_for(self))


def rate_for(view: StorefrontEndpoint) -> Decimal:
    """What part of list prices the caller pays."""
    return terms_for(view)[0].member_price_rate


def terms_for(view: StorefrontEndpoint) -> tuple[Benefits, Shop]:
    """What the caller's tier does to a cart, and what the shop asks for."""
    member, program = view.visitor, get_program()
    benefits = benefits_for(member_id=member.pk if member else None, program=program)
    return benefits, program.settings.shop
