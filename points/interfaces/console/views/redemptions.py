"""What members redeemed, and the counter where it is handed over."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor, RateLimited
from points.flows import redeemed
from points.interfaces import mall
from points.interfaces.console import rendering
from points.interfaces.console.authentication import Staff
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists import redemptions as lists
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.schemas import mall as schemas
from points.interfaces.finding import require_id
from points.interfaces.mall_shapes import PickupIn
from points.interfaces.shop_order_shapes import MoneySeenIn
from points.redemption import actions, handing
from points.redemption.errors import (
    AlreadyHandedOver,
    NotForPickup,
    NotFulfillable,
    PickupCodeWrong,
    PickupOver,
    RedemptionNotFound,
)
from points.redemption.models import Redemption

COUNTER = (NotForPickup, AlreadyHandedOver, PickupOver)


class Redemptions(ConsoleEndpoint):
    """What members redeemed."""

    @operation(
        summary="List redemptions, newest first",
        description="Three queries: redemptions with items, names, payments.",
        query=schemas.RedemptionQuery,
        answers={200: schemas.RedemptionItems},
        refuses=[InvalidCursor, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, query: schemas.RedemptionQuery) -> schemas.RedemptionItems:
        return answer_redemptions(query, self.staff)


class RedemptionFulfilment(ConsoleEndpoint):
    """Handing a redemption over."""

    @operation(
        summary="Fulfil a redemption",
        description="Fulfilled before: the same answer again.",
        body=schemas.FulfilmentIn,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotFulfillable, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.FulfilmentIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        now = clock.now()
        row = actions.fulfil_redemption(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=now,
            actor=self.staff.actor, tracking=body.tracking.strip(),
        )  # fmt: skip
        if row.fulfilled_at == now:
            self.audit(
                "redemption.fulfilled",
                f"redemption:{row.pk}",
                after={"code": row.code, "tracking": row.tracking, "note": body.note.strip()},
            )
        return _rendered(row, self.staff)


class RedemptionCancellation(ConsoleEndpoint):
    """Undoing a redemption."""

    @operation(
        summary="Cancel a redemption",
        description="Points and cash return to the lots they came from, the unit to the stock; coupons"
        " it gave are voided. Money a provider took goes back through it; what was paid at the"
        " shop is for the shop to give back.",
        body=schemas.CancellationIn,
        answers={200: schemas.RedemptionOut},
        refuses=[*mall.CANCEL_REFUSES, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.CancellationIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        now = clock.now()
        row = redeemed.cancel(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=now,
            actor=self.staff.actor, reason=body.reason.strip(),
        )  # fmt: skip
        if row.cancelled_at == now:
            self.audit(
                "redemption.cancelled",
                f"redemption:{row.pk}",
                after={"code": row.code, "reason": row.cancel_reason},
            )
            mall.look_at_payments_soon(row)
        return _rendered(row, self.staff)


class RedemptionPayment(ConsoleEndpoint):
    """The money part of a redemption that waits for it."""

    @operation(
        summary="Confirm that the money part is paid",
        description="Paid before: the same answer again.",
        body=schemas.PaymentNoteIn,
        answers={200: schemas.RedemptionOut},
        refuses=[*mall.PAY_REFUSES, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.PaymentNoteIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        now = clock.now()
        row = redeemed.mark_paid(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=now,
            actor=self.staff.actor, note=body.note.strip(),
        )  # fmt: skip
        if row.paid_at == now:
            self.audit(
                "redemption.paid",
                f"redemption:{row.pk}",
                after={"code": row.code, "price_cents": row.price_cents, "note": body.note.strip()},
            )
        return _rendered(row, self.staff)


class RedemptionPaymentReturn(ConsoleEndpoint):
    """Money that no provider sends back."""

    @operation(
        summary="Say that the money part was given back by hand",
        description="For a payment that is `owed`: paid at the shop, or one the provider could not"
        " send back. Said before: the same answer.",
        body=MoneySeenIn,
        answers={200: schemas.RedemptionOut},
        refuses=[*mall.RETURN_REFUSES, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: MoneySeenIn, redemption_id: str, payment_id: str
    ) -> schemas.RedemptionOut:
        row = mall.settle_payment(
            redemption_id=redemption_id, payment_id=payment_id, note=body.note.strip(),
            actor=self.staff.actor, audit=self.audit,
        )  # fmt: skip
        return _rendered(row, self.staff)


class RedemptionUse(ConsoleEndpoint):
    """A benefit is used."""

    @operation(
        summary="Mark a benefit as used",
        body=schemas.UseIn,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, *COUNTER, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.UseIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        row = handing.use_benefit(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=clock.now(),
            actor=self.staff.actor,
        )  # fmt: skip
        self.audit("redemption.used", f"redemption:{row.pk}", after={"code": row.code})
        return _rendered(row, self.staff)


class PickupLookups(ConsoleEndpoint):
    """What somebody shows at the counter, before it is handed over."""

    @operation(
        summary="Look at what a code stands for",
        description="Nothing is handed over. After ten wrong codes in five minutes a person waits.",
        body=PickupIn,
        answers={200: schemas.CounterOut},
        refuses=[PickupCodeWrong, RateLimited, *CHANGING],
        scope="mall:write",
    )
    def post(self, request: Request, body: PickupIn) -> schemas.CounterOut:
        row, refusal = mall.look_up(code=body.code, who=self.staff.actor)
        return schemas.CounterOut(
            redemption=_rendered(row, self.staff),
            refusal=schemas.CounterRefusal(code=refusal.code, detail=str(refusal))
            if refusal
            else None,
        )


class PickupVerifications(ConsoleEndpoint):
    """Handing over at the counter."""

    @operation(
        summary="Hand over what a code stands for",
        description="Goods to be collected, or a benefit to be used: once, whoever else tries.",
        body=PickupIn,
        answers={200: schemas.RedemptionOut},
        refuses=[*mall.COUNTER_REFUSES, RateLimited, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(self, request: Request, body: PickupIn) -> schemas.RedemptionOut:
        with transaction.atomic():
            row = mall.hand_over(code=body.code, who=self.staff.actor)
            self.audit("redemption.handed_over", f"redemption:{row.pk}", after={"code": row.code})
        return _rendered(row, self.staff)


def answer_redemptions(
    query: schemas.RedemptionQuery, staff: Staff, *, member: uuid.UUID | None = None
) -> schemas.RedemptionItems:
    """A page of redemptions, of one member or of all."""
    page, following = lists.list_redemptions(
        query=query, sees_contacts=staff.may("members:write"), member=member
    )
    names, now = name_members(row.member_id for row in page) if page else {}, clock.now()
    paid = mall.payments_of(page)
    return schemas.RedemptionItems(
        items=[
            rendering.redemption(
                row,
                names.get(row.member_id) or rendering.unknown_member(row.member_id),
                payments=paid.get(row.pk, []),
                sees_contacts=_sees_addresses(staff),
                at=now,
            )
            for row in page
        ],
        next=following,
    )


def _rendered(row: Redemption, staff: Staff) -> schemas.RedemptionOut:
    who = name_members([row.member_id]).get(row.member_id)
    return rendering.redemption(
        row, who or rendering.unknown_member(row.member_id),
        payments=mall.payments_of([row]).get(row.pk, []), sees_contacts=_sees_addresses(staff),
        at=clock.now(),
    )  # fmt: skip


def _sees_addresses(staff: Staff) -> bool:
    """Who sends parcels needs the phone number on them."""
    return staff.may("members:write") or staff.may("mall:write")
