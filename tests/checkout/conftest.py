"""A small shop in the tea shop: tea and a cup on the shelf, and a member who can pay in many ways."""

from decimal import Decimal

import pytest

from kernel.ids import new_id
from points.ledger import actions as ledger
from points.ledger.actions import Grant
from points.ledger.queries import default_funding_source
from points.shop.actions import create_category, create_product


def give(member, amount, at, unit="points", source=None, key=None):
    source = source or default_funding_source()
    ledger.grant(
        grants=[
            Grant(
                member=member.pk, amount=amount, unit=unit, key=key or f"gift:{new_id()}",
                occurred_at=at, funding_source_id=source.id, account=f"issuance:{source.code}",
                unit_cost_micros=source.unit_cost_micros,
            )
        ],
        at=at, actor="test",
    )  # fmt: skip


@pytest.fixture
def shelf(shop, noon):
    """Tea at 58.00 (10 in stock) and a cup at 39.90 (5): their variants by SKU."""
    create_category(fields={"code": "tea", "name_zh": "茶"})
    rows = {}
    for sku, cents, stock, category in (("TEA", 5_800, 10, "tea"), ("CUP", 3_990, 5, None)):
        product = create_product(
            fields={"title_zh": sku.lower(), "category": category, "status": "on_sale"},
            variants=[{"sku": sku, "price_cents": cents, "stock": stock, "choice": []}], at=noon,
        )  # fmt: skip
        rows[sku] = product.variants.get()
    return rows


@pytest.fixture
def rich(mei, noon):
    """Mei with 5,000 points and 20.00 in her cash wallet."""
    give(mei, 5_000, noon)
    give(mei, 2_000, noon, unit="cash")
    return mei


__all__ = ["Decimal", "give"]
