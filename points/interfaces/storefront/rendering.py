"""From rows to answers, in the language of the request; no queries here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.utils.translation import get_language

from kernel.db import connection
from points.interfaces import wording
from points.interfaces.member_shapes import Kind
from points.interfaces.storefront import schemas
from points.ledger.models import Transaction
from points.ledger.queries import Balance, LotState
from points.members.models import MemberField
from points.redemption.models import MallItem, Redemption
from points.redemption.queries import Offer

# Below this a member should hurry; above it the number is the merchant's own business.
TELL_STOCK_UP_TO = 20


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


def mall_item(offer: Offer, available: int | None) -> schemas.MallItemOut:
    """An item for a member who has so many points; None for a visitor, who misses nothing yet."""
    item = offer.item
    is_low = item.stock is not None and item.stock <= TELL_STOCK_UP_TO
    missing = 0 if available is None else max(0, item.price_points - available)
    return schemas.MallItemOut(
        id=item.pk, kind=MallItem.Kind(item.kind), title=item.title(language()),
        description=item.description(language()), image=item.image,
        price_points=item.price_points, price_cents=item.price_cents,
        currency=connection.tenant.currency, stock_left=item.stock if is_low else None,
        is_sold_out=item.stock == 0, per_member_limit=item.per_member_limit,
        redeemed_by_me=offer.redeemed, missing_points=missing,
    )  # fmt: skip


def redemption(row: Redemption) -> schemas.RedemptionOut:
    """A redemption; its item must be loaded."""
    return schemas.RedemptionOut(
        id=row.pk, code=row.code, status=Redemption.Status(row.status),
        mall_item=_redeemed_item(row.item),
        quantity=row.quantity, points=row.points, price_cents=row.price_cents,
        currency=row.currency, address=_address(row.address), created_at=row.created_at,
        fulfilled_at=row.fulfilled_at, cancelled_at=row.cancelled_at,
        can_cancel=row.status == Redemption.Status.PENDING,
    )  # fmt: skip


def _redeemed_item(item: MallItem) -> schemas.RedeemedItemOut:
    return schemas.RedeemedItemOut(
        id=item.pk, title=item.title(language()), image=item.image,
        kind=MallItem.Kind(item.kind),
    )  # fmt: skip


def _address(stored: dict[str, str] | None) -> schemas.AddressOut | None:
    """What the partner API stored may have other keys; the storefront knows these."""
    if stored is None:
        return None
    known = schemas.AddressOut.__struct_fields__
    return schemas.AddressOut(**{key: str(stored[key]) for key in known if key in stored})


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
