"""What the surfaces share of the points mall: from rows to answers, and the counter."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from django.db import transaction
from django.utils.translation import get_language

from kernel import clock, limits
from kernel.errors import DomainError
from points.coupons.errors import (
    CouponExpired,
    CouponLocked,
    CouponUsed,
    MemberLimitReached,
    TemplateExhausted,
    TemplateNotActive,
    TemplateNotFound,
    TemplateOver,
)
from points.flows import redeemed
from points.flows.pictures_shown import hold_image
from points.flows.shop_paid import confirm_returned
from points.flows.tasks import look_at_payments
from points.interfaces import shop_orders
from points.interfaces.finding import require_id
from points.interfaces.mall_shapes import (
    DeliveredOut,
    ItemOut,
    ItemVariantOut,
    RedemptionCore,
    StaffPaymentOut,
)
from points.interfaces.noting import Audit
from points.ledger.errors import FundingSourceNotFound, InsufficientPoints
from points.media.errors import PictureNotFound
from points.redemption import actions, errors, handing
from points.redemption.models import MallItem, MallVariant, Redemption
from points.redemption.queries import get_redemption, variants_of
from points.shop.order_errors import PaymentNotFound, PaymentState
from points.shop.order_models import Payment
from points.shop.order_queries import get_payment, payments_of_redemptions
from tenants.context import tenant_on_commit

# What can be refused: making or changing an item, redeeming, paying, cancelling, the counter.
ITEM_REFUSES = (
    errors.ItemIncomplete, errors.ItemContradicts, TemplateNotFound, FundingSourceNotFound,
    PictureNotFound,
)  # fmt: skip
DELIVERY_REFUSES = (
    TemplateNotFound, TemplateNotActive, TemplateOver, TemplateExhausted, MemberLimitReached,
    errors.ItemContradicts,
)  # fmt: skip
REDEEM_REFUSES = (
    errors.ItemNotFound, errors.NotOnSale, errors.OutOfStock, errors.LimitReached,
    errors.VariantNeeded, errors.VariantNotFound, errors.NotYourTier, errors.NotYourSegment,
    errors.DeliveryNotOffered, errors.AddressNeeded, errors.PaymentNeeded,
    errors.InsufficientCash, InsufficientPoints, *DELIVERY_REFUSES,
)  # fmt: skip
PAY_REFUSES = (
    errors.RedemptionNotFound, errors.NotAwaitingPayment, errors.PaymentTooLate,
    *DELIVERY_REFUSES,
)  # fmt: skip
CANCEL_REFUSES = (
    errors.RedemptionNotFound, errors.NotCancellable, errors.AlreadyDelivered, CouponUsed,
    CouponExpired, CouponLocked,
)  # fmt: skip
RETURN_REFUSES = (errors.RedemptionNotFound, PaymentNotFound, PaymentState)
COUNTER_REFUSES = (
    errors.PickupCodeWrong, errors.NotForPickup, errors.AlreadyHandedOver, errors.PickupOver,
)  # fmt: skip
# Wrong codes at the counter, of one person or key: enough for slips of the finger, not for guessing.
WRONG_CODES = limits.Rule("pickup-codes", 10, 300)

Out = TypeVar("Out", bound=ItemOut)
Told = TypeVar("Told", bound=RedemptionCore)


@transaction.atomic
def add_item(*, fields: dict[str, Any], variants: Sequence[Mapping[str, Any]] | None) -> MallItem:
    """A new item. Raises ITEM_REFUSES."""
    hold_image(fields.get("image", ""))
    item = actions.create_item(fields=fields, at=clock.now(), variants=variants or ())
    redeemed.check_delivery(item=item)
    return item


@transaction.atomic
def change_item(
    *, item: MallItem, changes: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] | None
) -> MallItem:
    """An item changed. Raises ITEM_REFUSES, ItemNotFound, VariantNotFound."""
    hold_image(changes.get("image", ""))
    changed = actions.change_item(item_id=item.pk, changes=changes, variants=variants)
    redeemed.check_delivery(item=changed)
    return changed


def facts(item: MallItem, names: Iterable[str]) -> dict[str, Any]:
    """These fields of an item, JSON-ready, for the log; variants by their names and figures."""
    told = {name: msgspec.to_builtins(getattr(item, name)) for name in names if name != "variants"}
    if item.has_variants:
        told["variants"] = msgspec.to_builtins(
            list(map(variant, variants_of(items=[item])[item.pk]))
        )
    return told


def variant(row: MallVariant) -> ItemVariantOut:
    """A variant."""
    names = (name for name in ItemVariantOut.__struct_fields__ if name != "name")
    return ItemVariantOut(
        name=row.name(get_language() or "en"), **{name: getattr(row, name) for name in names}
    )


def item_out(shape: type[Out], row: MallItem, variants: Sequence[MallVariant]) -> Out:
    """An item, with its title in the caller's language beside both."""
    names = (name for name in shape.__struct_fields__ if name not in ("title", "variants"))
    return shape(
        title=row.title(get_language() or "en"), variants=[variant(one) for one in variants],
        **{name: getattr(row, name) for name in names},
    )  # fmt: skip


def items_out(shape: type[Out], rows: Sequence[MallItem]) -> list[Out]:
    """Items with their variants: one query, none where there are no variants."""
    found = variants_of(items=rows)
    return [item_out(shape, row, found.get(row.pk, [])) for row in rows]


def core(row: Redemption) -> dict[str, Any]:
    """What is said of a redemption everywhere; its variant must be loaded, if it has one."""
    language = get_language() or "en"
    given = row.delivered
    promise = given.get("benefit") or {"zh": "", "en": ""}
    is_zh = language.startswith("zh")
    own = {"variant", "delivered"}
    told = {
        name: getattr(row, name) for name in RedemptionCore.__struct_fields__ if name not in own
    }
    return {
        **told,
        "variant": row.variant.name(language) if row.variant else "",
        "delivered": DeliveredOut(
            coupons=given.get("coupons", []), cash_cents=given.get("cents", 0),
            gift_codes=given.get("gift_codes", 0),
            benefit=(promise["zh"] or promise["en"]) if is_zh else (promise["en"] or promise["zh"]),
        ),
    }  # fmt: skip


def payments_of(rows: Iterable[Redemption]) -> dict[uuid.UUID, list[Payment]]:
    """Redemption → what was begun to pay its money part: one query, none where nobody pays later."""
    later = [row.pk for row in rows if row.payment == Redemption.Payment.LATER]
    return payments_of_redemptions(redemption_ids=later)


def staff_payment(row: Payment) -> StaffPaymentOut:
    """A payment for the shop."""
    told = msgspec.structs.asdict(shop_orders.payment(row))
    return StaffPaymentOut(
        **told, note=row.note, refunded_outside_cents=row.refunded_outside_cents,
        disputed_cents=row.disputed_cents,
    )  # fmt: skip


def look_at_payments_soon(row: Redemption) -> None:
    """A redemption is cancelled: money that came through a provider goes back once this is written
    down. The sweep would, too."""
    if row.payment == Redemption.Payment.LATER:
        tenant_on_commit(look_at_payments)


@transaction.atomic
def settle_payment(
    *, redemption_id: str, payment_id: str, note: str, actor: str, audit: Audit
) -> Redemption:
    """The shop has given the money part back by itself. Raises RETURN_REFUSES."""
    own = get_redemption(redemption_id=require_id(redemption_id, errors.RedemptionNotFound))
    parsed = require_id(payment_id, PaymentNotFound)
    before = get_payment(payment_id=parsed, redemption_id=own.pk)
    after = confirm_returned(payment_id=before.pk, note=note, actor=actor)
    if before.status != after.status:
        audit(
            "redemption.money_returned", f"redemption:{own.pk}",
            after={"code": own.code, "amount_cents": after.amount_cents, "note": note},
        )  # fmt: skip
    return own


def hand_over(*, code: str, who: str) -> Redemption:
    """Hand over what somebody shows at the counter, once. `who` types the codes.

    Raises COUNTER_REFUSES, and RateLimited after too many wrong codes.
    """
    limits.check(WRONG_CODES, who)
    with _counting_wrong(who):
        return handing.verify_pickup(code=code, at=clock.now(), actor=who)


def look_up(*, code: str, who: str) -> tuple[Redemption, DomainError | None]:
    """What somebody shows at the counter, and why it cannot be handed over now.

    Raises PickupCodeWrong, and RateLimited after too many wrong codes.
    """
    limits.check(WRONG_CODES, who)
    with _counting_wrong(who):
        found = handing.find_at_counter(code=code)
    try:
        handing.check_pickup(found, clock.now())
    except DomainError as refusal:
        return found, refusal
    return found, None


@contextmanager
def _counting_wrong(who: str) -> Iterator[None]:
    """Count a code nobody has against whoever typed it."""
    try:
        yield
    except errors.PickupCodeWrong:
        limits.note(WRONG_CODES, who)
        raise
