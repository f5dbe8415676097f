"""Orders, their lines, refunds and their lines.

The natural key of an order is (channel, external_id), of a refund (order, external_id); both are
unique for ever. `fingerprint` tells whether the same thing was sent again with other contents.
"""

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class Order(models.Model):
    class Status(models.TextChoices):
        PAID = "paid"
        COMPLETED = "completed"

    id = models.UUIDField(primary_key=True, default=new_id)
    channel = models.TextField(default="api")
    external_id = models.TextField()
    fingerprint = models.TextField()
    member_id = models.UUIDField()
    status = models.CharField(max_length=10, choices=Status.choices)
    currency = models.CharField(max_length=3)
    goods_cents = models.BigIntegerField()
    shipping_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    discount_cents = models.BigIntegerField(default=0)
    offset_points = models.BigIntegerField(default=0)
    offset_cents = models.BigIntegerField(default=0)
    hold_id = models.UUIDField(null=True)
    spend_transaction_id = models.BigIntegerField(null=True)
    # Who bore what of the offset: [{funding_source, points, cents}].
    offset_shares = models.JSONField(null=True)
    refunded_cents = models.BigIntegerField(default=0)
    points_earned = models.BigIntegerField(default=0)
    points_clawed_back = models.BigIntegerField(default=0)
    points_returned = models.BigIntegerField(default=0)
    # The evaluation: rule, base, steps, result. Written once, when the order earned.
    evaluation = models.JSONField(null=True)
    granted_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id", "channel"], name="order_is_told_once"),
            models.CheckConstraint(
                condition=Q(points_clawed_back__gte=0)
                & Q(points_clawed_back__lte=models.F("points_earned")),
                name="order_gives_back_at_most_what_it_earned",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-placed_at"], name="order_by_member"),
            models.Index(fields=["-placed_at", "-id"], name="order_by_placing"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.external_id}"


class OrderLine(models.Model):
    """One line; `points` is its part of what the order earned (largest remainder)."""

    pk = models.CompositePrimaryKey("order_id", "position")
    order = models.ForeignKey(
        Order, models.DO_NOTHING, related_name="lines", db_constraint=False, db_index=False
    )
    position = models.SmallIntegerField()
    external_id = models.TextField()
    sku = models.TextField(blank=True)
    category = models.TextField(blank=True)
    quantity = models.IntegerField()
    amount_cents = models.BigIntegerField()
    points = models.BigIntegerField(default=0)
    refunded_quantity = models.IntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    points_clawed_back = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_cents__lte=models.F("amount_cents"))
                & Q(points_clawed_back__lte=models.F("points")),
                name="line_is_refunded_at_most_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} × {self.quantity}"


class Refund(models.Model):
    """Money or goods came back for an order, and what became of its points, step by step.

    The points are what this row holds now: a chargeback that was won again holds none, and
    `reversal` says what was given back then. `replacements` are the lines an exchange put in.
    """

    class Kind(models.TextChoices):
        REFUND = "refund"
        EXCHANGE = "exchange"
        CHARGEBACK = "chargeback"

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REFUND)
    external_id = models.TextField()
    fingerprint = models.TextField()
    amount_cents = models.BigIntegerField()
    lines = models.JSONField(default=list)
    points_due = models.BigIntegerField(default=0)
    points_clawed_back = models.BigIntegerField(default=0)
    points_returned = models.BigIntegerField(default=0)
    # To whom that returned, as `Order.offset_shares`.
    offset_shares = models.JSONField(null=True)
    points_debt = models.BigIntegerField(default=0)
    points_uncovered = models.BigIntegerField(default=0)
    cash_netted_cents = models.BigIntegerField(default=0)
    steps = models.JSONField(default=list)
    replacements = models.JSONField(default=list)
    reversal = models.JSONField(null=True)
    clawback_transaction_id = models.BigIntegerField(null=True)
    refunded_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind", "external_id"], name="refund_is_told_once"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
