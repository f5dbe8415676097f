"""From rows to answers; no queries here beyond what is handed in."""

from collections.abc import Iterable
from datetime import UTC, datetime

from points.interfaces import mall, member_shapes, wording
from points.interfaces.offset_shapes import offset_shares
from points.interfaces.partner import mall_schemas, schemas
from points.ledger.models import Hold, Transaction
from points.ledger.queries import Balance, LotState
from points.members.models import Member, MemberIdentity
from points.orders.actions import LineRecord, OrderRecord
from points.orders.models import Order, OrderLine
from points.redemption.models import Redemption
from points.tiers.queries import Standing


def utc(moment: datetime) -> datetime:
    """As the database gives it back, so that the first answer and later ones are the same text."""
    return moment.astimezone(UTC)


def points(balance: Balance) -> schemas.PointsOut:
    """A balance."""
    return schemas.PointsOut(
        available=balance.available, pending=balance.pending, held=balance.held,
        debt=balance.debt, lifetime_earned=balance.lifetime_earned,
    )  # fmt: skip


def member(
    row: Member, balance: Balance, identities: Iterable[MemberIdentity], *, tier: Standing | None,
    growth: Balance, cash: Balance,
) -> schemas.MemberOut:  # fmt: skip
    """A member with the balances of now, and what the channels call him."""
    return schemas.MemberOut(
        id=row.pk, external_id=row.external_id, name=row.name or None, phone=row.phone or None,
        email=row.email or None, birthday=row.birthday, tags=row.tags, tier=tier.code if tier else None,
        joined_at=utc(row.joined_at), points=points(balance), growth=growth.available,
        cash_cents=cash.available,
        custom=row.custom, email_consent=member_shapes.consent(row),
        identities=[member_shapes.identity(one) for one in identities],
    )  # fmt: skip


def transaction(row: Transaction, unit: str) -> schemas.TransactionOut:
    """A line of the ledger, with a sentence on why."""
    return schemas.TransactionOut(
        id=str(row.pk), kind=row.kind, unit=unit, amount=row.amount,
        occurred_at=row.occurred_at, posted_at=row.posted_at, reason=wording.reason(row),
        order_external_id=wording.order_of(row), balance_after=row.balance_after,
    )  # fmt: skip


def lot(row: LotState) -> schemas.LotOut:
    """A lot."""
    return schemas.LotOut(
        granted=row.granted, remaining=row.remaining, held=row.held,
        matures_at=row.matures_at and utc(row.matures_at),
        expires_at=row.expires_at and utc(row.expires_at),
        is_pending=not row.is_mature, funding_source=row.funding_source,
        waits_for_order=row.waits_for_order,
    )  # fmt: skip


def order(
    row: Order | OrderRecord, lines: Iterable[OrderLine | LineRecord], lots: list[LotState]
) -> schemas.OrderOut:
    """An order with its lines and what is left of what it earned."""
    return schemas.OrderOut(
        id=row.id, external_id=row.external_id, channel=row.channel, member_id=row.member_id,
        status=row.status, currency=row.currency, placed_at=utc(row.placed_at),
        completed_at=row.completed_at and utc(row.completed_at), goods_cents=row.goods_cents,
        shipping_cents=row.shipping_cents, tax_cents=row.tax_cents,
        discount_cents=row.discount_cents, offset_points=row.offset_points,
        offset_cents=row.offset_cents, offset_shares=offset_shares(row.offset_shares),
        refunded_cents=row.refunded_cents,
        lines=[_line(line) for line in lines],
        points=schemas.OrderPoints(
            earned=row.points_earned,
            pending=sum(one.remaining for one in lots if not one.is_mature),
            clawed_back=row.points_clawed_back, returned=row.points_returned,
            lots=[lot(one) for one in lots],
        ),
    )  # fmt: skip


def _line(line: OrderLine | LineRecord) -> schemas.OrderLineOut:
    return schemas.OrderLineOut(
        **{name: getattr(line, name) for name in schemas.OrderLineOut.__struct_fields__}
    )


def hold(row: Hold) -> schemas.HoldOut:
    """A hold; its wallet must be loaded."""
    return schemas.HoldOut(
        id=row.pk, member_id=row.wallet.member_id, points=row.points, reference=row.reference,
        status=row.status, created_at=row.created_at, expires_at=row.expires_at,
        closed_at=row.closed_at,
    )  # fmt: skip


def redemption(row: Redemption) -> mall_schemas.RedemptionOut:
    """A redemption; its variant must be loaded, if it has one. One query where money is paid later."""
    return mall_schemas.RedemptionOut(
        member_id=row.member_id, mall_item_id=row.item_id, variant_id=row.variant_id,
        address=row.address,
        payments=[mall.staff_payment(one) for one in mall.payments_of([row]).get(row.pk, [])],
        **mall.core(row),
    )  # fmt: skip
