"""What several storefront pages read: the member's own numbers, and a page of the mall."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from kernel.api.pages import cut, decode_cursor
from kernel.money import exponent
from points.interfaces.storefront import mall_rendering, mall_schemas, rendering, schemas
from points.interfaces.tier_shapes import tier_ref
from points.ledger import queries as ledger
from points.ledger.models import Unit, Wallet
from points.ledger.queries import Balance
from points.members.actions import ensure_code
from points.members.calculations import mask_email, mask_phone
from points.members.models import Member
from points.orders.calculations import offset_value_cents
from points.program.queries import ActiveProgram
from points.redemption import queries as mall
from points.tiers.queries import get_standings

_Position = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a member owns, by unit."""

    points: Balance
    growth: int
    cash_cents: int


def get_holdings(*, member: uuid.UUID, at: datetime) -> Holdings:
    """All of a member's wallets at `at` (now): one query, more when something became due."""
    balances = {}
    for wallet in Wallet.objects.filter(member_id=member):
        is_due = wallet.next_change_at is not None and wallet.next_change_at <= at
        balances[wallet.unit] = (
            ledger.get_balance(member=member, at=at, unit=wallet.unit)
            if is_due
            else Balance(
                wallet.available, wallet.pending, wallet.held, wallet.debt, wallet.lifetime_earned
            )
        )
    none = Balance()
    return Holdings(
        points=balances.get(Unit.POINTS, none),
        growth=balances.get(Unit.GROWTH, none).available,
        cash_cents=balances.get(Unit.CASH, none).available,
    )


def read_me(
    *, member: Member, holdings: Holdings, program: ActiveProgram, at: datetime
) -> schemas.MeOut:
    """The member's own page, in two queries more (the next dates, the tier)."""
    standing = get_standings(member_ids=[member.pk]).get(member.pk)
    expiry, maturity = ledger.get_next_dates(member=member.pk, at=at)
    return schemas.MeOut(
        id=member.pk, external_id=member.external_id, name=member.name or None,
        phone=mask_phone(member.phone) if member.phone else None,
        email=mask_email(member.email) if member.email else None,
        birthday=member.birthday, joined_at=member.joined_at,
        member_code=ensure_code(member=member),
        tier=tier_ref(standing) if standing else None,
        points=rendering.points(holdings.points),
        points_value_cents=offset_value_cents(
            holdings.points.available, program.settings.face_value_points_per_unit,
            exponent(program.currency),
        ),
        next_expiry=(
            schemas.ExpiryOut(points=expiry.points, expires_at=expiry.at) if expiry else None
        ),
        next_maturity=(
            schemas.MaturityOut(points=maturity.points, matures_at=maturity.at)
            if maturity
            else None
        ),
        growth=holdings.growth, cash_cents=holdings.cash_cents,
        email_consent=member.email_consent_at is not None,
        can_change_birthday=member.birthday is None,
    )  # fmt: skip


def read_mall(
    *, query: mall_schemas.MallQuery, member: Member | None, available: int | None, at: datetime
) -> mall_schemas.MallItemItems:
    """A page of what is on sale; queries as `mall.list_offers`. Raises InvalidCursor."""
    after = decode_cursor(query.cursor, tuple[_Position, uuid.UUID])
    offers = mall.list_offers(
        at=at, limit=query.limit + 1, after=after, member=member.pk if member else None,
        within_points=(available or 0) if query.affordable else None,
        kinds=[query.kind] if query.kind else (),
    )  # fmt: skip
    page, following = cut(offers, query.limit, lambda offer: (offer.item.position, offer.item.pk))
    items = [mall_rendering.mall_item(offer, available) for offer in page]
    return mall_schemas.MallItemItems(items=items, next=following)
