"""Codes and costs: pure arithmetic and text work."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.crypto import constant_time_compare, salted_hmac

CODE_VALID_FOR = timedelta(minutes=10)
CODE_TRIES = 5
RESEND_AFTER = timedelta(seconds=60)
CODES_PER_SIGNUP = 6
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ProgrammeCost:
    """What a points programme costs a month, in major units of money."""

    cost_per_point: Decimal
    points: Decimal
    sales: Decimal
    cost: Decimal
    cost_rate: Decimal


def programme_cost(
    *,
    members: int,
    spend_per_member: Decimal,
    points_per_unit: Decimal,
    face_value: Decimal,
    redemption_rate: Decimal,
) -> ProgrammeCost:
    """Effective cost per point = face value × ultimate redemption rate, unrounded.

    `face_value` is the money one point is worth; `spend_per_member` is per month.
    """
    cost_per_point = face_value * redemption_rate
    sales = members * spend_per_member
    points = sales * points_per_unit
    cost = points * cost_per_point
    return ProgrammeCost(
        cost_per_point=cost_per_point,
        points=points,
        sales=sales,
        cost=cost,
        cost_rate=cost / sales if sales else Decimal(0),
    )


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"


def tidy_code(code: str) -> str:
    """What was meant: `１２３ 456` (a Chinese keyboard, a blank pasted along) is 123456."""
    return "".join(unicodedata.normalize("NFKC", code).split())


def hash_code(*, signup_id: object, code: str) -> str:
    """Keyed with the secret key, so that the table alone does not give the code away."""
    return salted_hmac("portal.signup-code", f"{signup_id}:{code}", algorithm="sha256").hexdigest()


def is_code(*, signup_id: object, code: str, code_hash: str) -> bool:
    """Whether this is the code that was hashed; an empty hash is no code's."""
    given = hash_code(signup_id=signup_id, code=tidy_code(code))
    return bool(code_hash) and constant_time_compare(given, code_hash)


def next_try_at(*, failures: int, at: datetime) -> datetime:
    """When to send again after so many failures: 30 s, doubled each time, an hour at most."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS)
    return at + timedelta(seconds=seconds)
