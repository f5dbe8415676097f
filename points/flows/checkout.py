"""A member checks out: prices are looked up, never taken from the one who asks.

`quote_checkout` says what it would come to. `place_order` reserves all of it in one transaction, in
the order of locks of ADR 0056: coupons are locked · points and cash are set aside · the order is
written · stock is taken last, on the rows all buyers share. What needs no money is paid at once.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec
from django.db import transaction

from kernel import outbox
from kernel.db import ask
from kernel.ids import new_id
from kernel.money import exponent
from points.coupons import actions as coupons
from points.coupons.actions import check_usable
from points.coupons.calculations import Combined, CouponLine, CouponTerms, combine
from points.coupons.errors import BelowThreshold, CannotCombine, NothingInScope
from points.coupons.queries import Usable, get_coupon, usable
from points.flows import shop_reserved
from points.flows.member_price import benefits_for
from points.flows.shop_filled import become_paid
from points.flows.shop_records import reference_of, told_of
from points.ledger.models import Unit
from points.ledger.queries import ask_balance
from points.program.queries import ActiveProgram, get_program
from points.shop import actions as catalogue
from points.shop import cart_actions
from points.shop.calculations import label_of, member_price_cents
from points.shop.composition import Composition, CouponPart, Means, Piece, compose
from points.shop.errors import NotForSale, VariantNotFound
from points.shop.models import Variant
from points.shop.order_actions import add_order, new_number
from points.shop.order_errors import (
    AddressMissing,
    CartEmpty,
    CouponNeedless,
    LineTwice,
    PriceChanged,
)
from points.shop.order_models import ShopOrder, ShopOrderLine
from points.shop.queries import get_variants


class Wanted(msgspec.Struct, frozen=True):
    """So many of a variant."""

    variant_id: uuid.UUID
    quantity: int


class CheckoutAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What a member wants to buy and to use for it. No price: those are the shop's."""

    lines: tuple[Wanted, ...]
    coupon_codes: tuple[str, ...] = ()
    points: int | Literal["most"] = 0
    cash_cents: int | Literal["most"] = 0


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a checkout comes to, and all that it was worked out from."""

    variants: Sequence[Variant]
    pieces: Sequence[Piece]
    terms: Mapping[str, CouponTerms]
    combined: Combined
    composition: Composition
    points_available: int
    cash_available_cents: int
    program: ActiveProgram


def quote_checkout(*, member_id: uuid.UUID, asked: CheckoutAsk, at: datetime) -> Checkout:
    """What a checkout comes to now. Reserves nothing.

    Raises CartEmpty, VariantNotFound, NotForSale, what coupons refuse, PointsBeyond, CashBeyond.
    """
    found = [get_coupon(code=code, member=member_id) for code in asked.coupon_codes]
    for coupon in found:
        check_usable(row=coupon, reference="", at=at)
    return _work_out(member_id, asked, {one.code: one.terms for one in found}, at)


@transaction.atomic
def place_order(
    *,
    member_id: uuid.UUID,
    asked: CheckoutAsk,
    expected_payable_cents: int,
    address: Mapping[str, str] | None,
    note: str,
    at: datetime,
    actor: str,
) -> ShopOrder:
    """Reserve everything and write the order down; it waits for its payment, if any is due.

    Raises what `quote_checkout` does, PriceChanged when it comes to another sum than the buyer has
    seen, AddressMissing, CouponLocked, InsufficientPoints, OutOfStock. Then nothing has moved.
    """
    if not address:
        raise AddressMissing()
    number, hold_for = new_number(at), get_program().settings.shop.hold_minutes
    pay_by = at + timedelta(minutes=hold_for)
    terms = coupons.lock(
        codes=asked.coupon_codes, member=member_id, reference=reference_of(number), until=pay_by,
        at=at, actor=actor,
    )  # fmt: skip
    found = _work_out(member_id, asked, {one.code: one.terms for one in terms}, at)
    if found.composition.payable_cents != expected_payable_cents:
        raise PriceChanged(
            payable_cents=found.composition.payable_cents, expected_cents=expected_payable_cents
        )
    order = _order_of(found, member_id, number, at=at, pay_by=pay_by)
    order.address, order.note = dict(address), note
    shop_reserved.hold_for(order, until=pay_by, at=at, actor=actor)
    add_order(order=order, lines=_lines_of(order, found), at=at, actor=actor)
    cart_actions.remove_lines(member_id=member_id, variant_ids=[one.pk for one in found.variants])
    outbox.tell(topic="shop_order.placed", subject=str(member_id), payload=told_of(order), at=at)
    if order.due_cents == 0:
        become_paid(order, at=at, actor=actor)
    catalogue.take_stock(items={one.variant_id: one.quantity for one in asked.lines}, at=at)
    return order


def usable_coupons(*, member_id: uuid.UUID, found: Checkout, at: datetime) -> list[Usable]:
    """The member's coupons with what each alone takes off this checkout, best first. One query."""
    return usable(member=member_id, lines=_basket(found.variants, found.pieces), at=at)


def _work_out(
    member_id: uuid.UUID, asked: CheckoutAsk, terms: Mapping[str, CouponTerms], at: datetime
) -> Checkout:
    if not asked.lines:
        raise CartEmpty()
    if len({line.variant_id for line in asked.lines}) < len(asked.lines):
        raise LineTwice()
    program = get_program()
    variants = _variants(asked.lines)
    benefits = benefits_for(member_id=member_id, program=program)
    pieces = [
        _piece(variant, wanted.quantity, benefits.member_price_rate)
        for variant, wanted in zip(variants, asked.lines, strict=True)
    ]
    combined = _combined(terms, variants, pieces)
    points, cash = ask(
        ask_balance(member=member_id, at=at),
        ask_balance(member=member_id, at=at, unit=Unit.CASH),
    )
    usable_cash = cash.available if program.settings.cash.pays_orders else 0
    composition = compose(
        pieces, _parts(combined, terms),
        Means(
            points=asked.points, cash_cents=asked.cash_cents,
            points_available=points.available, cash_available_cents=usable_cash,
        ),
        offset=program.settings.offset, shop=program.settings.shop,
        digits=exponent(program.currency),
        ships_free=benefits.free_shipping,
    )  # fmt: skip
    return Checkout(
        variants, pieces, terms, combined, composition, points.available, usable_cash, program
    )


def _variants(lines: Sequence[Wanted]) -> list[Variant]:
    """In the order asked for. Raises VariantNotFound, NotForSale."""
    found = get_variants(variant_ids=[line.variant_id for line in lines])
    variants = []
    for line in lines:
        variant = found.get(line.variant_id)
        if variant is None:
            raise VariantNotFound()
        if variant.status != Variant.Status.ON_SALE or variant.product.status != "on_sale":
            raise NotForSale(variant_id=str(variant.pk))
        variants.append(variant)
    return variants


def _piece(variant: Variant, quantity: int, rate: Decimal) -> Piece:
    product = variant.product
    return Piece(
        quantity=quantity, list_cents=variant.price_cents,
        member_cents=member_price_cents(variant.price_cents, rate, product.has_member_price),
        category=product.category.code if product.category else "",
        takes_points=product.takes_points,
    )  # fmt: skip


def _combined(
    terms: Mapping[str, CouponTerms], variants: Sequence[Variant], pieces: Sequence[Piece]
) -> Combined:
    """What the coupons take off. One that takes nothing off is refused, not used up in silence."""
    combined = combine(terms, _basket(variants, pieces))
    if combined == "cannot_combine":
        raise CannotCombine()
    for code, refusal in combined.refused.items():
        if refusal.reason == "below_threshold":
            raise BelowThreshold(coupon=code, missing_cents=refusal.missing_cents)
        if refusal.reason == "nothing_in_scope":
            raise NothingInScope(coupon=code)
        raise CouponNeedless(coupon=code)
    return combined


def _basket(variants: Sequence[Variant], pieces: Sequence[Piece]) -> list[CouponLine]:
    """The goods as coupons see them: at the member's price."""
    return [
        CouponLine(
            sku=variant.sku, category=piece.category, quantity=piece.quantity,
            amount_cents=piece.member_cents * piece.quantity,
        )
        for variant, piece in zip(variants, pieces, strict=True)
    ]  # fmt: skip


def _parts(combined: Combined, terms: Mapping[str, CouponTerms]) -> list[CouponPart]:
    return [
        CouponPart(
            code=code, per_line=one.per_line, frees_shipping=one.frees_shipping,
            with_points=terms[code].with_points,
        )
        for code, one in combined.applied.items()
    ]  # fmt: skip


def _order_of(
    found: Checkout, member_id: uuid.UUID, number: str, *, at: datetime, pay_by: datetime
) -> ShopOrder:
    sums, combined = found.composition, found.combined
    return ShopOrder(
        id=new_id(), number=number, member_id=member_id, currency=found.program.currency,
        list_cents=sum(line.list_cents for line in sums.lines),
        member_discount_cents=sum(line.member_discount_cents for line in sums.lines),
        coupon_cents=combined.total_cents,
        offset_points=sums.offset_points, offset_cents=sums.offset_cents,
        shipping_cents=sums.shipping_cents, payable_cents=sums.payable_cents,
        cash_cents=sums.cash_cents,
        coupons=[
            {
                "code": code, "discount_cents": one.total_cents,
                "funding_source": found.terms[code].funding_source,
            }
            for code, one in combined.applied.items()
        ],
        created_at=at, pay_by=pay_by,
    )  # fmt: skip


def _lines_of(order: ShopOrder, found: Checkout) -> list[ShopOrderLine]:
    rows = zip(found.variants, found.pieces, found.composition.lines, strict=True)
    return [
        ShopOrderLine(
            order=order, position=position, variant_id=variant.pk, product_id=variant.product_id,
            sku=variant.sku, category=piece.category, title_zh=variant.product.title_zh,
            title_en=variant.product.title_en,
            options_zh=label_of(variant.product.options, variant.choice, "zh"),
            options_en=label_of(variant.product.options, variant.choice, "en"),
            picture=str(next(iter(variant.product.pictures), "")), quantity=piece.quantity,
            list_cents=line.list_cents, member_discount_cents=line.member_discount_cents,
            coupon_cents=line.coupon_cents, offset_points=line.offset_points,
            offset_cents=line.offset_cents,
            coupon_parts=[one.per_line[position - 1] for one in found.combined.applied.values()],
        )
        for position, (variant, piece, line) in enumerate(rows, 1)
    ]  # fmt: skip
