"""From rows to answers; no queries here beyond what is handed in."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
from django.utils.translation import get_language

from points.channels.models import ApiKey
from points.interfaces import member_shapes, wording
from points.interfaces.console.authentication import Staff
from points.interfaces.console.schemas import mall, members, orders, session, settings
from points.interfaces.console.schemas.common import MemberRef, PointsOut
from points.interfaces.explaining import explain_order
from points.interfaces.mall import core, staff_payment
from points.interfaces.offset_shapes import offset_shares
from points.interfaces.tier_shapes import TierRef
from points.ledger.models import Lot, Transaction
from points.ledger.queries import Balance
from points.members.calculations import mask_email, mask_phone
from points.members.models import Member, MemberIdentity
from points.orders.calculations import charged_cents
from points.orders.models import Order, OrderLine, Refund
from points.redemption.models import Redemption
from points.shop.order_models import Payment
from tenants.models import Merchant


def staff_session(staff: Staff) -> session.SessionOut:
    """Who is signed in."""
    user = session.UserOut(id=staff.user.pk, email=staff.user.email, name=staff.user.name)
    return session.SessionOut(
        user=user, role=cast(Literal["owner"], staff.role), permissions=list(staff.permissions)
    )


def points(balance: Balance) -> PointsOut:
    """A balance."""
    return PointsOut(
        available=balance.available, pending=balance.pending, held=balance.held,
        debt=balance.debt, lifetime_earned=balance.lifetime_earned,
    )  # fmt: skip


def member_row(
    row: Member, balance: Balance, *, tier: TierRef | None, sees_contacts: bool
) -> members.MemberRow:
    """A member of a list."""
    return members.MemberRow(
        id=row.pk, external_id=row.external_id, name=row.name or None,
        phone=_phone(row.phone, sees_contacts), email=_email(row.email, sees_contacts),
        joined_at=row.joined_at, tier=tier, points=points(balance), orders_count=row.orders_count,
        spent_cents=row.spent_cents, last_order_at=row.last_order_at,
    )  # fmt: skip


def member(
    row: Member,
    balances: Mapping[str, Balance],
    expiry: tuple[int, datetime] | None,
    identities: Sequence[MemberIdentity],
    *,
    tier: TierRef | None,
    sees_contacts: bool,
) -> members.MemberOut:
    """One member; `balances` by unit."""
    short = member_row(row, balances["points"], tier=tier, sees_contacts=sees_contacts)
    return members.MemberOut(
        **msgspec.structs.asdict(short),
        birthday=row.birthday,
        tags=row.tags,
        cash_cents=balances["cash"].available,
        growth=balances["growth"].available,
        next_expiry=members.NextExpiry(points=expiry[0], expires_at=expiry[1]) if expiry else None,
        custom=row.custom,
        email_consent=member_shapes.consent(row),
        identities=[member_shapes.identity(one) for one in identities],
        erased_at=row.erased_at,
    )


def transaction(
    row: Transaction,
    *,
    pending: Mapping[int, datetime | None],
    actor: str | None,
    approved_by: str | None = None,
) -> members.TransactionOut:
    """A line of the ledger, with who did it, who approved it and what was noted.

    `pending` says of which lines the points wait, and until when.
    """
    return members.TransactionOut(
        id=str(row.pk), kind=row.kind, unit="points", amount=row.amount,
        occurred_at=row.occurred_at, reason=wording.reason(row),
        order_external_id=wording.order_of(row), balance_after=row.balance_after,
        is_pending=row.pk in pending, matures_at=pending.get(row.pk), actor=actor,
        note=row.note or None if row.kind == "adjust" else None, approved_by=approved_by,
    )  # fmt: skip


def lot(row: Lot) -> members.LotOut:
    """A lot; its funding source and transaction must be loaded."""
    return members.LotOut(
        granted=row.granted, remaining=row.remaining, held=row.held, matures_at=row.matures_at,
        expires_at=row.expires_at, is_pending=not row.is_mature,
        funding_source=members.FundingSourceRef(
            code=row.funding_source.code, name=row.funding_source.name
        ),
        order_external_id=wording.order_of(row.transaction),
    )  # fmt: skip


def order_row(row: Order, buyer: MemberRef, pending: int) -> orders.OrderRow:
    """An order of a list."""
    paid = paid_cents(row)
    return orders.OrderRow(
        id=row.pk, external_id=row.external_id, channel=row.channel, member=buyer,
        status=order_status(row, paid), placed_at=row.placed_at, completed_at=row.completed_at,
        currency=row.currency, paid_cents=paid, refunded_cents=row.refunded_cents,
        points_earned=row.points_earned, points_clawed_back=row.points_clawed_back,
        points_pending=pending,
    )  # fmt: skip


def order(
    row: Order,
    buyer: MemberRef,
    pending: int,
    lines: Sequence[OrderLine],
    refunds: Sequence[Refund],
) -> orders.OrderOut:
    """One order with its lines, refunds and the reason of every point."""
    summary, steps = explain_order(row)
    has_offset = row.offset_points > 0
    return orders.OrderOut(
        **msgspec.structs.asdict(order_row(row, buyer, pending)),
        lines=[_line(line) for line in lines],
        shipping_cents=row.shipping_cents,
        tax_cents=row.tax_cents,
        discount_cents=row.discount_cents,
        offset=orders.OffsetOut(
            points=row.offset_points,
            cents=row.offset_cents,
            shares=offset_shares(row.offset_shares),
        )
        if has_offset
        else None,
        refunds=[_refund(one, {line.external_id: line.sku for line in lines}) for one in refunds],
        explanation=orders.Explanation(
            summary=summary,
            steps=[orders.ExplanationStep(title=title, detail=detail) for title, detail in steps],
        ),
    )


def paid_cents(row: Order) -> int:
    """What was paid in money: all of the order less coupons and points."""
    return max(0, charged_cents(row) - row.offset_cents)


def order_status(
    row: Order, paid: int
) -> Literal["paid", "completed", "partly_refunded", "refunded"]:
    """Refunded when all money went back, or all points of an order paid with points alone."""
    if row.refunded_cents == 0 and row.points_returned == 0:
        return cast(Literal["paid", "completed"], row.status)
    is_all = row.refunded_cents >= paid if paid else row.points_returned >= row.offset_points
    return "refunded" if is_all else "partly_refunded"


def _line(row: OrderLine) -> orders.OrderLineOut:
    names = orders.OrderLineOut.__struct_fields__
    return orders.OrderLineOut(**{name: getattr(row, name) for name in names})


def _refund(row: Refund, skus: Mapping[str, str]) -> orders.RefundOut:
    came = sum(part["amount_cents"] for part in row.lines)
    went = sum(part["amount_cents"] for part in row.replacements)
    return orders.RefundOut(
        kind=cast(Literal["refund"], row.kind), external_id=row.external_id,
        refunded_at=row.refunded_at, amount_cents=row.amount_cents,
        cash_netted_cents=row.cash_netted_cents,
        cash_due_cents=max(0, went - came) if row.replacements else 0,
        points=orders.RefundPoints(
            clawed_back=row.points_clawed_back, returned=row.points_returned,
            debt=row.points_debt, uncovered=row.points_uncovered,
        ),
        steps=[orders.RefundStep(**step) for step in row.steps],
        returned=[_part(part, skus) for part in row.lines],
        replacements=[_part(part, skus) for part in row.replacements],
        reversal=_reversal(row),
    )  # fmt: skip


def _part(part: Mapping[str, Any], skus: Mapping[str, str]) -> orders.RefundLineOut:
    name = part["external_id"]
    return orders.RefundLineOut(
        external_id=name, sku=skus.get(name, ""), quantity=part["quantity"],
        amount_cents=part["amount_cents"],
    )  # fmt: skip


def _reversal(row: Refund) -> orders.ReversalOut | None:
    if row.reversal is None:
        return None
    return orders.ReversalOut(
        **{**row.reversal, "reversed_at": datetime.fromisoformat(row.reversal["reversed_at"])}
    )


def redemption(
    row: Redemption, who: MemberRef, *, payments: Sequence[Payment], sees_contacts: bool,
    at: datetime,
) -> mall.RedemptionOut:  # fmt: skip
    """A redemption; its item and variant must be loaded."""
    item = row.item
    return mall.RedemptionOut(
        mall_item=mall.MallItemRef(
            id=item.pk, title=item.title(get_language() or "en"), image=item.image,
            kind=cast(Literal["goods"], item.kind),
        ),
        address=_address(row.address, sees_contacts),
        can_cancel=row.can_cancel(at, by_member=False), member=who,
        payments=[staff_payment(one) for one in payments], **core(row),
    )  # fmt: skip


def api_key(row: ApiKey) -> settings.ApiKeyOut:
    """A key without its secret."""
    names = settings.ApiKeyOut.__struct_fields__
    return settings.ApiKeyOut(**{name: getattr(row, name) for name in names})


def brand(merchant: Merchant) -> settings.BrandOut:
    """How a merchant looks and what it calls its points."""
    return settings.BrandOut(
        name=merchant.name, brand_color=merchant.brand_color, logo=merchant.logo or None,
        point_name_zh=merchant.point_name_zh, point_name_en=merchant.point_name_en,
    )  # fmt: skip


def unknown_member(member_id: uuid.UUID) -> MemberRef:
    """Stands in a list for a member whose record is gone."""
    return MemberRef(id=member_id, external_id="–", name=None)


def _phone(phone: str, is_seen: bool) -> str | None:
    return (phone if is_seen else mask_phone(phone)) if phone else None


def _email(email: str, is_seen: bool) -> str | None:
    return (email if is_seen else mask_email(email)) if email else None


def _address(address: dict[str, str] | None, is_seen: bool) -> dict[str, str] | None:
    if address is None or is_seen:
        return address
    return {**address, "phone": mask_phone(address.get("phone", ""))}
