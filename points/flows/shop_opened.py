"""A merchant's schema has just been made: give it its programme, its first payer and its mall."""

from datetime import datetime

from points.flows.industries import TEMPLATES
from points.ledger import actions as ledger
from points.program import actions as program
from points.redemption import actions as mall


def fill_schema(*, template: str, currency: str, locale: str, at: datetime) -> None:
    """Content of a new merchant, by industry template. Running it again changes nothing.

    Call it in a transaction. Items come with the programme and never again, or those the merchant
    took out would come back. Raises KeyError for an unknown template.
    """
    chosen = TEMPLATES[template]
    is_new = program.install_program(settings=chosen.settings(currency), at=at)
    name = "商户" if locale.startswith("zh") else "Merchant"
    ledger.add_funding_source(code="merchant", name=name, at=at)
    if is_new:
        mall.create_items(items=chosen.mall_items(currency), at=at)
