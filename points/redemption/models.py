"""Mall items and redemptions."""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id


class MallItem(models.Model):
    """Something points buy. `stock` null means as many as wanted."""

    class Kind(models.TextChoices):
        GOODS = "goods"
        COUPON = "coupon"
        RED_PACKET = "red_packet"
        BENEFIT = "benefit"
        GIFT_CODE = "gift_code"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ON_SALE = "on_sale"
        PAUSED = "paused"

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ON_SALE)
    title_zh = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    description_zh = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    image = models.TextField(blank=True)
    price_points = models.BigIntegerField()
    price_cents = models.BigIntegerField(default=0)
    stock = models.BigIntegerField(null=True)
    redeemed_count = models.BigIntegerField(default=0)
    per_member_limit = models.IntegerField(null=True)
    on_sale_from = models.DateTimeField(null=True)
    on_sale_until = models.DateTimeField(null=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price_points__gte=1, price_cents__gte=0), name="mall_item_costs_points"
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0),
                name="mall_item_stock_is_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["position", "-id"], name="mall_item_by_position")]

    def __str__(self) -> str:
        return self.title_zh or self.title_en

    def title(self, language: str) -> str:
        """The title in a language, or in the other when it was not written."""
        first, second = self.title_zh, self.title_en
        return (first or second) if language.startswith("zh") else (second or first)

    def description(self, language: str) -> str:
        """The description in a language, or in the other when it was not written."""
        first, second = self.description_zh, self.description_en
        return (first or second) if language.startswith("zh") else (second or first)


class Redemption(models.Model):
    """Points exchanged for an item, and what became of it. States are dated, not flagged."""

    class Status(models.TextChoices):
        PENDING = "pending"
        FULFILLED = "fulfilled"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    member_id = models.UUIDField()
    item = models.ForeignKey(MallItem, models.PROTECT, related_name="redemptions", db_index=False)
    quantity = models.IntegerField()
    points = models.BigIntegerField()
    price_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    address = models.JSONField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    transaction_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.TextField(blank=True)
    tracking = models.TextField(blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.TextField(blank=True)
    cancel_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="redemption_code_is_one"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, points__gte=F("quantity")),
                name="redemption_takes_points",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-created_at"], name="redemption_by_member"),
            models.Index(fields=["item", "member_id"], name="redemption_by_item"),
            models.Index(fields=["status", "-created_at"], name="redemption_by_status"),
        ]

    def __str__(self) -> str:
        return self.code
