"""The shop's catalogue: products, variants, stock, categories."""

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from points.interfaces import shop
from points.interfaces import shop_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
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
from points.shop.queries import get_variant_by_sku


class Products(PartnerEndpoint):
    """What the shop sells, drafts included."""

    @operation(
        summary="List products",
        description="`search` looks into titles and article numbers; `low_stock` keeps products of"
        " which a variant is at its threshold or below.",
        query=shapes.ProductQuery,
        answers={200: shapes.ProductItems},
        refuses=[InvalidCursor],
        scope="shop:read",
    )
    def get(self, request: Request, query: shapes.ProductQuery) -> shapes.ProductItems:
        return shop.products(query)

    @operation(
        summary="Add a product with its variants",
        description="`pictures` are ids of pictures that were uploaded in the console.",
        body=shapes.ProductIn,
        answers={201: shapes.ProductOut},
        refuses=[
            ProductIncomplete, CategoryNotFound, PictureNotFound, OptionsInvalid, SkuTaken,
            NothingToSell, KeyReused,
        ],
        idempotency_key="optional",
        scope="shop:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.ProductIn) -> shapes.ProductOut:
        return shop.add(body, self.audit)


class ProductView(PartnerEndpoint):
    """One product."""

    @operation(
        summary="Get a product",
        answers={200: shapes.ProductOut},
        refuses=[ProductNotFound],
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
            KeyReused,
        ],
        idempotency_key="optional",
        scope="shop:write",
    )  # fmt: skip
    def patch(
        self, request: Request, body: shapes.ProductChange, product_id: str
    ) -> shapes.ProductOut:
        return shop.change(product_id, body, self.audit)


class ProductVariants(PartnerEndpoint):
    """How a product comes."""

    @operation(
        summary="Replace a product's options and variants",
        description="Variants are known by their article number: one that was there keeps its id and"
        " its stock, one that is left out is retired.",
        body=shapes.VariantsIn,
        answers={200: shapes.ProductOut},
        refuses=[ProductNotFound, OptionsInvalid, SkuTaken, NothingToSell, KeyReused],
        idempotency_key="optional",
        scope="shop:write",
    )
    def put(self, request: Request, body: shapes.VariantsIn, product_id: str) -> shapes.ProductOut:
        return shop.change_variants(product_id, body, self.audit)


class VariantStock(PartnerEndpoint):
    """The stock of one variant, named by its article number."""

    @operation(
        summary="Change the stock of a variant",
        description="`set` what was counted, or add a `delta`. Send an Idempotency-Key with a"
        " `delta`: the same call again then adds nothing.",
        body=shapes.StockIn,
        answers={200: shapes.VariantOut},
        refuses=[VariantNotFound, StockUncounted, StockBelowZero, KeyReused],
        idempotency_key="optional",
        scope="shop:write",
    )
    def post(self, request: Request, body: shapes.StockIn, sku: str) -> shapes.VariantOut:
        return shop.change_stock(get_variant_by_sku(sku=sku), body, self.audit)


class Categories(PartnerEndpoint):
    """The shelves of the shop."""

    @operation(summary="List categories", answers={200: shapes.CategoryItems}, scope="shop:read")
    def get(self, request: Request) -> shapes.CategoryItems:
        return shop.categories()

    @operation(
        summary="Add a category",
        body=shapes.CategoryIn,
        answers={201: shapes.CategoryOut},
        refuses=[CategoryCodeTaken, KeyReused],
        idempotency_key="optional",
        scope="shop:write",
    )
    def post(self, request: Request, body: shapes.CategoryIn) -> shapes.CategoryOut:
        return shop.add_category(body, self.audit)
