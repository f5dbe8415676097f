"""A merchant's schema has just been made: give it its programme, its first payer and its content."""

from datetime import datetime

from points.ledger import actions as ledger
from points.program import actions as program
from points.program.calculations import Offset, ProgramSettings

# How many points one major unit is worth where the unit itself is small.
_POINTS_PER_UNIT = {"JPY": 1, "KRW": 1, "VND": 1}


def fill_schema(*, template: str, currency: str, locale: str, at: datetime) -> None:
    """Content of a new merchant, by industry template. Running it again changes nothing."""
    worth = _POINTS_PER_UNIT.get(currency, 100)
    settings = ProgramSettings(
        face_value_points_per_unit=worth, offset=Offset(points_per_unit=worth)
    )
    program.install_program(settings=settings, at=at)
    name = "商户" if locale.startswith("zh") else "Merchant"
    ledger.add_funding_source(code="merchant", name=name, at=at)
