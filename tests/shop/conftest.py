"""A product with two sizes, and one without any."""

from collections.abc import Callable
from typing import Any

import pytest

from points.shop.actions import create_category, create_product
from points.shop.models import Product, Variant

SIZES = [
    {
        "name_zh": "规格",
        "name_en": "Size",
        "values": [{"zh": "小", "en": "Small"}, {"zh": "大", "en": "Large"}],
    }
]
SMALL = {"sku": "TEA-50", "choice": [0], "price_cents": 5_000, "stock": 10}
LARGE = {"sku": "TEA-100", "choice": [1], "price_cents": 9_000, "stock": 3}


@pytest.fixture
def sell(shop, noon) -> Callable[..., Product]:
    """`sell("Tin", variants=[{...}], status="on_sale")`."""

    def add(title: str, variants: Any = None, **fields: Any) -> Product:
        one = {"sku": title.upper(), "price_cents": 1_000, "stock": 5}
        said = {"title_en": title, "status": "on_sale", **fields}
        return create_product(fields=said, variants=variants or [one], at=noon)

    return add


@pytest.fixture
def tea_leaves(sell) -> Product:
    """Longjing in two sizes, on the shelf for tea."""
    create_category(fields={"code": "tea", "name_zh": "茶叶", "name_en": "Tea"})
    return sell("Longjing", [SMALL, LARGE], title_zh="龙井", category="tea", options=SIZES)


@pytest.fixture
def variant(shop) -> Callable[[str], Variant]:
    """The living variant of an article number."""
    return lambda sku: Variant.objects.exclude(status="retired").get(sku=sku)
