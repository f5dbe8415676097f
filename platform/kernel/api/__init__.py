"""The shape of every HTTP API of the product: operations, problems, pages, idempotency."""

from kernel.api.endpoint import Answer, Endpoint, operation
from kernel.shapes import Body, Cents, Moment, Name, Points, Slugish, check_moments

__all__ = [
    "Answer",
    "Body",
    "Cents",
    "Endpoint",
    "Moment",
    "Name",
    "Points",
    "Slugish",
    "check_moments",
    "operation",
]
