"""What lots say of their maturity, in every API."""

from datetime import datetime
from typing import Annotated

import msgspec

MaturesAt = Annotated[
    datetime | None,
    msgspec.Meta(
        description="From when the points can be spent; null while the order they come from is not"
        " completed: its return window has not begun"
    ),
]
WaitsForOrder = Annotated[
    str | None,
    msgspec.Meta(
        description="Number of the order whose completion the points wait for; null when they have"
        " a date"
    ),
]
