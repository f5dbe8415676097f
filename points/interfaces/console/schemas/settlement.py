"""What a figure of the monthly statement is made of."""

import uuid
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from kernel.shapes import Items, Page
from points.insights.settlement_parts import Figure
from points.interfaces.console.schemas.common import MemberRef


class SettlementPartQuery(Page):
    """Whose figure, which one, and of which month (without it the one under way)."""

    funding_source: Annotated[str, Meta(max_length=40)]
    figure: Figure
    month: Annotated[str, Meta(max_length=20)] | None = None


class SettlementPart(Struct, kw_only=True):
    """A transaction and what of it belongs to the figure; `order_id` when it is of an order."""

    id: str
    member: MemberRef
    points: int
    reason: str
    occurred_at: datetime
    order_id: uuid.UUID | None


class SettlementPartItems(Items):
    items: list[SettlementPart]
