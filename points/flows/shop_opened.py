"""A merchant's schema has just been made: give it its programme, its first payer, its mall,
its tiers and its first tasks."""

from datetime import datetime

from points.earning import actions as earning
from points.flows.industries import TEMPLATES
from points.ledger import actions as ledger
from points.program import actions as program
from points.redemption import actions as mall
from points.tiers import actions as tiers


def fill_schema(*, template: str, currency: str, locale: str, at: datetime) -> None:
    """Content of a new merchant, by industry template. Running it again changes nothing.

    Call it in a transaction. Items, tiers and tasks come with the programme and never again, or those the merchant
    took out would come back. Raises KeyError for an unknown template.
    """
    chosen = TEMPLATES[template]
    is_new = program.install_program(settings=chosen.settings(currency), at=at)
    name = "商户" if locale.startswith("zh") else "Merchant"
    ledger.add_funding_source(code="merchant", name=name, at=at)
    if is_new:
        mall.create_items(items=chosen.mall_items(currency), at=at)
        tiers.create_tiers(tiers=chosen.tiers(currency), at=at)
        if chosen.tasks:
            documents = chosen.rules(currency, locale)
            earning.install_rules(documents=documents, at=at, actor="template")
