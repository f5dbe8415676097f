"""Shop orders, what pays for them, and what goes back.

A shop order keeps what the loyalty side (`points.orders`, channel `shop`) does not: prices step by
step, the address, payments, the parcel. Amounts are whole minor units. States are dated.
"""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id
from points.redemption.models import Redemption


class ShopOrder(models.Model):
    """A checkout that was confirmed. `payable_cents` is what money pays, shipping included; of it
    `cash_cents` comes from the buyer's cash wallet, the rest from payments."""

    class Status(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment"
        PAID = "paid"
        SHIPPED = "shipped"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.TextField()
    member_id = models.UUIDField()
    status = models.CharField(
        max_length=16, choices=Status.choices, default=Status.AWAITING_PAYMENT
    )
    currency = models.CharField(max_length=3)
    list_cents = models.BigIntegerField()
    member_discount_cents = models.BigIntegerField(default=0)
    coupon_cents = models.BigIntegerField(default=0)
    offset_points = models.BigIntegerField(default=0)
    offset_cents = models.BigIntegerField(default=0)
    shipping_cents = models.BigIntegerField(default=0)
    payable_cents = models.BigIntegerField()
    cash_cents = models.BigIntegerField(default=0)
    # [{code, discount_cents, funding_source}], as they were taken.
    coupons = models.JSONField(default=list)
    points_hold_id = models.UUIDField(null=True)
    cash_hold_id = models.UUIDField(null=True)
    cash_transaction_id = models.BigIntegerField(null=True)
    # Whether its pieces are out of stock and its coupons locked: true from the checkout on, until
    # the order is cancelled.
    is_reserved = models.BooleanField(default=True)
    address = models.JSONField(null=True)
    note = models.TextField(blank=True)
    shipment = models.JSONField(null=True)
    # [{state, at, actor, note}], oldest first.
    history = models.JSONField(default=list)
    refunded_cents = models.BigIntegerField(default=0)
    # `unpaid` when the time to pay ran out: only such an order may still be filled.
    cancel_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    # When it completes by itself.
    completes_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shop_order"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="shop_order_number_is_one"),
            models.CheckConstraint(
                condition=Q(
                    payable_cents=F("list_cents")
                    - F("member_discount_cents")
                    - F("coupon_cents")
                    - F("offset_cents")
                    + F("shipping_cents")
                ),
                name="shop_order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(payable_cents__gte=0)
                & Q(cash_cents__gte=0)
                & Q(cash_cents__lte=F("payable_cents"))
                & Q(refunded_cents__gte=0)
                & Q(refunded_cents__lte=F("payable_cents")),
                name="shop_order_takes_no_more_than_its_price",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-id"], name="shop_order_by_member"),
            models.Index(fields=["status", "-id"], name="shop_order_by_status"),
            models.Index(
                fields=["pay_by"],
                name="shop_order_unpaid",
                condition=Q(status="awaiting_payment"),
            ),
            models.Index(
                fields=["completes_at"],
                name="shop_order_under_way",
                condition=Q(status="shipped"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def due_cents(self) -> int:
        """What payments are to bring."""
        return self.payable_cents - self.cash_cents

    @property
    def ran_out(self) -> bool:
        """Cancelled because nobody paid in time: money that comes late may still fill it."""
        return self.status == self.Status.CANCELLED and self.cancel_reason == "unpaid"


class ShopOrderLine(models.Model):
    """One line as it was sold: what it was called and cost, step by step."""

    pk = models.CompositePrimaryKey("order_id", "position")
    order = models.ForeignKey(
        ShopOrder, models.DO_NOTHING, related_name="lines", db_constraint=False, db_index=False
    )
    position = models.SmallIntegerField()
    variant_id = models.UUIDField()
    product_id = models.UUIDField()
    sku = models.TextField()
    category = models.TextField(blank=True)
    title_zh = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    # Chosen values, e.g. `红 / L`, in both languages.
    options_zh = models.TextField(blank=True)
    options_en = models.TextField(blank=True)
    picture = models.TextField(blank=True)
    quantity = models.IntegerField()
    list_cents = models.BigIntegerField()
    member_discount_cents = models.BigIntegerField(default=0)
    coupon_cents = models.BigIntegerField(default=0)
    # What each of the order's coupons took off, in their order.
    coupon_parts = models.JSONField(default=list)
    offset_points = models.BigIntegerField(default=0)
    offset_cents = models.BigIntegerField(default=0)
    refunded_quantity = models.IntegerField(default=0)

    class Meta:
        db_table = "shop_order_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_quantity__gte=0)
                & Q(refunded_quantity__lte=F("quantity"))
                & Q(quantity__gte=1),
                name="shop_line_gives_back_at_most_what_was_sold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"

    @property
    def goods_cents(self) -> int:
        """Its price after coupons: what points and money pay together."""
        return self.list_cents - self.member_discount_cents - self.coupon_cents

    @property
    def paid_cents(self) -> int:
        """What of it money pays."""
        return self.goods_cents - self.offset_cents


class Payment(models.Model):
    """One attempt to pay what is due, with one provider: for a shop order, or for the money part of
    a redemption.

    `surplus`: money nobody may keep goes back through its provider, as what it was for was paid
    otherwise or is no more; `returned` once it is there. `owed`: no provider sends it back, the shop
    does; `settled` once somebody said so.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        CLOSED = "closed"
        SURPLUS = "surplus"
        RETURNED = "returned"
        OWED = "owed"
        SETTLED = "settled"

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(
        ShopOrder, models.PROTECT, null=True, related_name="payments", db_index=False
    )
    redemption = models.ForeignKey(
        Redemption, models.PROTECT, null=True, related_name="+", db_index=False
    )
    provider = models.CharField(max_length=20)
    provider_id = models.TextField(blank=True)
    account = models.TextField(blank=True)
    url = models.TextField(blank=True)
    amount_cents = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    actor = models.TextField(blank=True)
    note = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()
    # Until when it can be paid, by the real clock as the provider's.
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    # Money that went back without us, and what the buyer's bank disputes.
    refunded_outside_cents = models.BigIntegerField(default=0)
    disputed_cents = models.BigIntegerField(default=0)
    # When somebody shall look at it again, and how often that was in vain.
    look_at = models.DateTimeField(null=True)
    looks = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "shop_payment"
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_pays_something"),
            models.CheckConstraint(
                condition=Q(order__isnull=False, redemption__isnull=True)
                | Q(order__isnull=True, redemption__isnull=False),
                name="payment_is_for_one_thing",
            ),
            models.UniqueConstraint(
                fields=["redemption"], name="redemption_is_paid_once", condition=Q(status="paid")
            ),
            models.UniqueConstraint(
                fields=["order"], name="shop_order_is_paid_once", condition=Q(status="paid")
            ),
        ]
        indexes = [
            models.Index(fields=["order", "created_at"], name="payment_by_order"),
            models.Index(
                fields=["redemption"],
                name="payment_by_redemption",
                condition=Q(redemption__isnull=False),
            ),
            models.Index(
                fields=["look_at"], name="payment_to_look_at", condition=Q(look_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount_cents} {self.status}"


class PaymentEvent(models.Model):
    """What a provider told us, stored as it came, once. It is a hint: the payment is read anew."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.TextField()
    type = models.TextField()
    account = models.TextField(blank=True)
    payment_id = models.UUIDField(null=True)
    # The provider's own name of the payment, for events that know no other.
    intent_id = models.TextField(blank=True)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shop_payment_event"
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="payment_event_is_kept_once"),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="payment_event_waits",
                condition=Q(handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class ShopRefund(models.Model):
    """A wish to give goods back, how it was decided, and how its money went back.

    The amounts are written when it is approved: `paid_cents` money in all, of which `cash_cents`
    into the cash wallet and the rest through the provider.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested"
        WITHDRAWN = "withdrawn"
        REJECTED = "rejected"
        PAYING = "paying"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(ShopOrder, models.PROTECT, related_name="refunds", db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    # [{position, quantity}], and once approved what each gives back.
    lines = models.JSONField()
    reason = models.TextField(blank=True)
    requested_by = models.TextField()
    requested_at = models.DateTimeField()
    decided_by = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    is_restocked = models.BooleanField(default=False)
    shipping_cents = models.BigIntegerField(default=0)
    paid_cents = models.BigIntegerField(default=0)
    cash_cents = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    offset_cents = models.BigIntegerField(default=0)
    coupons_returned = models.JSONField(default=list)
    # What the coupons' payers no longer bear: [{funding_source, cents}].
    coupon_shares = models.JSONField(default=list)
    provider_refund_id = models.TextField(blank=True)
    provider_note = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    looks = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "shop_refund"
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                name="one_refund_request_waits_at_a_time",
                condition=Q(status="requested"),
            ),
            models.CheckConstraint(
                condition=Q(cash_cents__gte=0) & Q(cash_cents__lte=F("paid_cents")),
                name="shop_refund_parts_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "requested_at"], name="shop_refund_by_order"),
            models.Index(fields=["status", "-id"], name="shop_refund_by_status"),
            models.Index(
                fields=["look_at"],
                name="shop_refund_to_look_at",
                condition=Q(look_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.order_id}"
