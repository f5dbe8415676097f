"""From rows to answers, in the language of the request; no queries here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.utils.translation import get_language

from points.interfaces import wording
from points.interfaces.member_shapes import Kind
from points.interfaces.storefront import schemas
from points.ledger.models import Transaction
from points.ledger.queries import Balance, LotState
from points.members.models import MemberField


def language() -> str:
    """The language of the request."""
    return get_language() or "en"


def points(balance: Balance) -> schemas.PointsOut:
    """A balance."""
    return schemas.PointsOut(
        available=balance.available, pending=balance.pending, held=balance.held,
        debt=balance.debt, lifetime_earned=balance.lifetime_earned,
    )  # fmt: skip


def profile_field(row: MemberField, value: Any) -> schemas.ProfileFieldOut:
    """One of the shop's own fields with a member's value, in the language of the request."""
    is_chinese = language().startswith("zh")
    return schemas.ProfileFieldOut(
        code=row.code, kind=cast(Kind, row.kind), name=row.name(language()),
        is_required=row.is_required, can_change=row.edited_by == MemberField.Editor.MEMBER,
        value=value, choices=[
            schemas.ProfileChoiceOut(
                code=one["code"],
                name=(one["name_zh"] or one["name_en"] if is_chinese else one["name_en"] or one["name_zh"])
                or one["code"],
            )
            for one in row.choices
        ],
    )  # fmt: skip


def transaction(row: Transaction, pending: Mapping[int, datetime | None]) -> schemas.TransactionOut:
    """A line of the points ledger; `pending` says of which the points wait, and until when."""
    return schemas.TransactionOut(
        id=str(row.pk), kind=row.kind, unit="points", amount=row.amount,
        occurred_at=row.occurred_at, reason=wording.reason(row),
        order_external_id=wording.order_of(row), balance_after=row.balance_after,
        is_pending=row.pk in pending, matures_at=pending.get(row.pk),
    )  # fmt: skip


def lot(row: LotState) -> schemas.LotOut:
    """A lot."""
    return schemas.LotOut(
        granted=row.granted, remaining=row.remaining, held=row.held, matures_at=row.matures_at,
        expires_at=row.expires_at, is_pending=not row.is_mature,
        waits_for_order=row.waits_for_order,
    )  # fmt: skip
