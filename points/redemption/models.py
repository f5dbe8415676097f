"""Mall items with their variants and gift codes, and redemptions.

New columns have a value in the database as well, so that a row written by hand needs only what it is
about.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id


def in_language(language: str, zh: str, en: str) -> str:
    """A text in a language, or in the other when it was not written."""
    return (zh or en) if language.startswith("zh") else (en or zh)


class MallItem(models.Model):
    """Something points buy. `stock` null means as many as wanted; of an item with variants each
    counts its own, and of gift codes it is what is left in the pool."""

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

    class Period(models.TextChoices):
        EVER = "ever"
        MONTH = "month"
        DAY = "day"

    class Ways(models.TextChoices):
        SHIP = "ship"
        PICKUP = "pickup"
        BOTH = "both"

    # What may differ from one to the next; the rest is handed out by itself and alike.
    WITH_VARIANTS = (Kind.GOODS, Kind.BENEFIT)

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
    low_stock_at = models.BigIntegerField(null=True)
    per_member_limit = models.IntegerField(null=True)
    per_member_period = models.CharField(
        max_length=5, choices=Period, default=Period.EVER, db_default=Period.EVER
    )
    # For whom it is: any of these tiers (none named: every tier), and in this segment.
    tiers = models.JSONField(default=list, db_default=[])
    segment = models.TextField(blank=True, default="", db_default="")
    has_variants = models.BooleanField(default=False, db_default=False)
    # How goods come to the member.
    delivery = models.CharField(max_length=6, choices=Ways, default=Ways.SHIP, db_default=Ways.SHIP)
    pickup_place_zh = models.TextField(blank=True, default="", db_default="")
    pickup_place_en = models.TextField(blank=True, default="", db_default="")
    pickup_days = models.IntegerField(null=True)
    # What the other kinds give: coupons of a template, cash, or a note that is good for so many days.
    coupon_template = models.TextField(blank=True, default="", db_default="")
    red_packet_cents = models.BigIntegerField(null=True)
    funding_source = models.TextField(default="merchant", db_default="merchant")
    benefit_zh = models.TextField(blank=True, default="", db_default="")
    benefit_en = models.TextField(blank=True, default="", db_default="")
    benefit_days = models.IntegerField(null=True)
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
        return in_language(language, self.title_zh, self.title_en)

    def description(self, language: str) -> str:
        """The description in a language, or in the other when it was not written."""
        return in_language(language, self.description_zh, self.description_en)

    def pickup_place(self, language: str) -> str:
        """Where it is collected."""
        return in_language(language, self.pickup_place_zh, self.pickup_place_en)

    def benefit(self, language: str) -> str:
        """What a benefit promises."""
        return in_language(language, self.benefit_zh, self.benefit_en)


class MallVariant(models.Model):
    """One of the things an item can be: a size, a colour. Prices that are null are the item's own;
    one that is no longer offered is retired, as redemptions go on naming it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    item = models.ForeignKey(MallItem, models.CASCADE, related_name="variants", db_index=False)
    name_zh = models.TextField(blank=True)
    name_en = models.TextField(blank=True)
    stock = models.BigIntegerField(null=True)
    low_stock_at = models.BigIntegerField(null=True)
    redeemed_count = models.BigIntegerField(default=0, db_default=0)
    price_points = models.BigIntegerField(null=True)
    price_cents = models.BigIntegerField(null=True)
    position = models.IntegerField(default=0, db_default=0)
    is_retired = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(price_points__isnull=True) | Q(price_points__gte=1))
                & (Q(price_cents__isnull=True) | Q(price_cents__gte=0)),
                name="mall_variant_costs_points",
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0),
                name="mall_variant_stock_is_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["item", "position"], name="mall_variant_by_item")]

    def __str__(self) -> str:
        return self.name_zh or self.name_en

    def name(self, language: str) -> str:
        """The name in a language, or in the other when it was not written."""
        return in_language(language, self.name_zh, self.name_en)


class Redemption(models.Model):
    """Points exchanged for an item, and what became of it. States are dated, not flagged.

    awaiting_payment: points are held until `pay_by` · pending: paid for, to be handed over ·
    fulfilled · cancelled. `cash_transaction_id` took the money part from the member's cash wallet.
    """

    class Status(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment"
        PENDING = "pending"
        FULFILLED = "fulfilled"
        CANCELLED = "cancelled"

    class Payment(models.TextChoices):
        WALLET = "wallet"
        LATER = "later"
        OUTSIDE = "outside"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    member_id = models.UUIDField()
    item = models.ForeignKey(MallItem, models.PROTECT, related_name="redemptions", db_index=False)
    variant = models.ForeignKey(
        MallVariant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    quantity = models.IntegerField()
    points = models.BigIntegerField()
    price_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    address = models.JSONField(null=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    # None while points are only held, and for ever when they were never paid for.
    transaction_id = models.BigIntegerField(null=True)
    hold_id = models.UUIDField(null=True)
    # How the money part is paid: from the cash wallet, later (to a provider or at the shop), or
    # outside, to the system that redeemed.
    payment = models.CharField(max_length=7, choices=Payment, blank=True, default="", db_default="")
    pay_by = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    paid_by = models.TextField(blank=True, default="", db_default="")
    cash_transaction_id = models.BigIntegerField(null=True)
    # How goods come to the member: ship or pickup; of older rows nobody asked.
    delivery = models.CharField(max_length=6, blank=True, default="", db_default="")
    # Until when it can be collected, or a benefit used (exclusive).
    valid_until = models.DateTimeField(null=True)
    # What it gave by itself, e.g. {"coupons": [codes]}.
    delivered = models.JSONField(default=dict, db_default={})
    used_at = models.DateTimeField(null=True)
    used_by = models.TextField(blank=True, default="", db_default="")
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
            models.CheckConstraint(
                condition=Q(transaction_id__isnull=False)
                | Q(hold_id__isnull=False, status__in=["awaiting_payment", "cancelled"]),
                name="redemption_spends_or_holds_its_points",
            ),
            models.CheckConstraint(
                condition=~Q(status="awaiting_payment") | Q(pay_by__isnull=False),
                name="unpaid_redemption_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-created_at"], name="redemption_by_member"),
            models.Index(fields=["item", "member_id"], name="redemption_by_item"),
            models.Index(fields=["status", "-created_at"], name="redemption_by_status"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_benefit(self) -> bool:
        """Whether it is a note to be shown and used."""
        return "benefit" in self.delivered

    def can_cancel(self, at: datetime, *, by_member: bool) -> bool:
        """Whether it can be undone, as far as its own row says; a used coupon says no later.

        What was paid to the shop in money only the shop gives back.
        """
        if by_member and self.payment == self.Payment.LATER and self.paid_at:
            return False
        if self.status == self.Status.FULFILLED:
            is_open = self.used_at is None and (self.valid_until is None or at < self.valid_until)
            return "coupons" in self.delivered or (self.is_benefit and is_open)
        return self.status in (self.Status.PENDING, self.Status.AWAITING_PAYMENT)


class GiftCode(models.Model):
    """One code of an item's pool. What it says is sealed; `digest` finds it again, `tail` shows it to
    staff. Once taken it belongs to its redemption for ever."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(MallItem, models.PROTECT, related_name="+", db_index=False)
    sealed = models.TextField()
    digest = models.TextField()
    tail = models.TextField()
    redemption = models.ForeignKey(
        Redemption, models.PROTECT, null=True, related_name="gift_codes", db_index=False
    )
    added_at = models.DateTimeField()
    added_by = models.TextField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="gift_code_is_in_one_pool"),
            models.CheckConstraint(
                condition=Q(redemption__isnull=True, taken_at__isnull=True)
                | Q(redemption__isnull=False, taken_at__isnull=False),
                name="taken_gift_code_has_a_redemption",
            ),
        ]
        indexes = [
            models.Index(
                fields=["item", "id"], name="gift_code_free", condition=Q(redemption__isnull=True)
            ),
            models.Index(
                fields=["redemption"], name="gift_code_taken",
                condition=Q(redemption__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.tail
