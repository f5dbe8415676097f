"""The shop: products, categories, stock."""

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import CsvFile
from points.interfaces import shop
from points.interfaces import shop_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.finding import require_id
from points.media.errors import PictureNotFound
from points.shop.errors import (
    CategoryCodeTaken,
    CategoryNotFound,
    NothingToSell,
    OptionsInvalid,
    ProductIncomplete,
    ProductNotFound,
    SkuTaken,
    StockBelowZero,
    StockUncounted,
    VariantNotFound,
)
from points.shop.queries import get_variant


class Products(ConsoleEndpoint):
    """What the shop sells, drafts included."""

    @operation(
        summary="List products",
        description="One query. `search` looks into titles and article numbers; `low_stock` keeps"
        " products of which a variant is at its threshold or below.",
        query=shapes.ProductQuery,
        answers={200: shapes.ProductItems},
        refuses=[InvalidCursor, *READING],
        scope="shop:read",
    )
    def get(self, request: Request, query: shapes.ProductQuery) -> shapes.ProductItems:
        return shop.products(query)

    @operation(
        summary="Add a product with its variants",
        body=shapes.ProductIn,
        answers={201: shapes.ProductOut},
        refuses=[
            ProductIncomplete, CategoryNotFound, PictureNotFound, OptionsInvalid, SkuTaken,
            NothingToSell, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="shop:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.ProductIn) -> shapes.ProductOut:
        return shop.add(body, self.audit)


class ProductSkus(ConsoleEndpoint):
    """Article numbers of what the shop sells."""

    @operation(
        summary="List article numbers",
        description="To choose from, by article number: the first 50. `search` looks into article"
        " numbers and titles. One query.",
        query=shapes.SkuQuery,
        answers={200: shapes.SkuItems},
        refuses=READING,
        scope="shop:read",
    )
    def get(self, request: Request, query: shapes.SkuQuery) -> shapes.SkuItems:
        return shop.sku_choices(query)


class ProductView(ConsoleEndpoint):
    """One product."""

    @operation(
        summary="Get a product",
        answers={200: shapes.ProductOut},
        refuses=[ProductNotFound, *READING],
        scope="shop:read",
    )
    def get(self, request: Request, product_id: str) -> shapes.ProductOut:
        return shop.show(product_id)

    @operation(
        summary="Change a product",
        description="Only what is named changes.",
        body=shapes.ProductChange,
        answers={200: shapes.ProductOut},
        refuses=[
            ProductNotFound, ProductIncomplete, CategoryNotFound, PictureNotFound, NothingToSell,
            KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="shop:write",
    )  # fmt: skip
    def patch(
        self, request: Request, body: shapes.ProductChange, product_id: str
    ) -> shapes.ProductOut:
        return shop.change(product_id, body, self.audit)


class ProductVariants(ConsoleEndpoint):
    """How a product comes."""

    @operation(
        summary="Replace a product's options and variants",
        description="Variants are known by their article number: one that was there keeps its id and"
        " its stock, one that is left out is retired.",
        body=shapes.VariantsIn,
        answers={200: shapes.ProductOut},
        refuses=[ProductNotFound, OptionsInvalid, SkuTaken, NothingToSell, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="shop:write",
    )
    def put(self, request: Request, body: shapes.VariantsIn, product_id: str) -> shapes.ProductOut:
        return shop.change_variants(product_id, body, self.audit)


class ProductStatuses(ConsoleEndpoint):
    """Putting several products on sale, or pausing them."""

    @operation(
        summary="Change the status of several products",
        description="All or none, up to 100.",
        body=shapes.StatusesIn,
        answers={200: shapes.StatusesOut},
        refuses=[ProductNotFound, NothingToSell, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="shop:write",
    )
    def post(self, request: Request, body: shapes.StatusesIn) -> shapes.StatusesOut:
        return shop.change_statuses(body, self.audit)


class ProductFile(ConsoleEndpoint):
    """The catalogue as a file."""

    @operation(
        summary="Download all products as CSV",
        description="A row for each variant, with the article number, prices, stock and status.",
        answers={200: CsvFile},
        refuses=READING,
        scope="shop:read",
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        return shop.product_file()


class VariantStock(ConsoleEndpoint):
    """The stock of one variant."""

    @operation(
        summary="Change the stock of a variant",
        body=shapes.StockIn,
        answers={200: shapes.VariantOut},
        refuses=[VariantNotFound, StockUncounted, StockBelowZero, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="shop:write",
    )
    def post(self, request: Request, body: shapes.StockIn, variant_id: str) -> shapes.VariantOut:
        found = get_variant(variant_id=require_id(variant_id, VariantNotFound))
        return shop.change_stock(found, body, self.audit)


class ShopCategories(ConsoleEndpoint):
    """The shelves of the shop."""

    @operation(
        summary="List categories",
        answers={200: shapes.CategoryItems},
        refuses=READING,
        scope="shop:read",
    )
    def get(self, request: Request) -> shapes.CategoryItems:
        return shop.categories()

    @operation(
        summary="Add a category",
        body=shapes.CategoryIn,
        answers={201: shapes.CategoryOut},
        refuses=[CategoryCodeTaken, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="shop:write",
    )
    def post(self, request: Request, body: shapes.CategoryIn) -> shapes.CategoryOut:
        return shop.add_category(body, self.audit)


class ShopCategoryView(ConsoleEndpoint):
    """One category."""

    @operation(
        summary="Change a category",
        body=shapes.CategoryChange,
        answers={200: shapes.CategoryItems},
        refuses=[CategoryNotFound, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="shop:write",
    )
    def patch(
        self, request: Request, body: shapes.CategoryChange, category_code: str
    ) -> shapes.CategoryItems:
        return shop.change_category(category_code, body, self.audit)

    @operation(
        summary="Remove a category",
        description="Its products stay, without a category.",
        answers={204: None},
        refuses=[CategoryNotFound, *CHANGING],
        scope="shop:write",
    )
    def delete(self, request: Request, category_code: str) -> None:
        shop.remove_category(category_code, self.audit)
