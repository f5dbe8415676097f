"""The catalogue, members' carts and their addresses."""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id
from points.shop.order_models import Payment, PaymentEvent, ShopOrder, ShopOrderLine, ShopRefund

__all__ = [
    "Address", "CartLine", "Category", "Payment", "PaymentEvent", "Product", "ShopOrder",
    "ShopOrderLine", "ShopRefund", "Variant",
]  # fmt: skip


def in_language(language: str, zh: str, en: str) -> str:
    """A text in a language, or in the other when it was not written."""
    return (zh or en) if language.startswith("zh") else (en or zh)


class Category(models.Model):
    """A shelf of the shop."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=60, blank=True)
    name_en = models.CharField(max_length=60, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="shop_category_code_is_unique"),
        ]

    def __str__(self) -> str:
        return self.code

    def name(self, language: str) -> str:
        """Its name in a language, or in the other one, or its code."""
        return in_language(language, self.name_zh, self.name_en) or self.code


class Product(models.Model):
    """Something sold for money. What is counted and priced are its variants."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        ON_SALE = "on_sale"
        PAUSED = "paused"

    id = models.UUIDField(primary_key=True, default=new_id)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, related_name="products", db_index=False
    )
    title_zh = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    description_zh = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    # Ids of pictures; the first is the cover.
    pictures = models.JSONField(default=list)
    # At most three: [{"name_zh", "name_en", "values": [{"zh", "en"}]}].
    options = models.JSONField(default=list)
    takes_points = models.BooleanField(default=True)
    has_member_price = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["position", "-id"], name="product_by_position")]

    def __str__(self) -> str:
        return self.title_zh or self.title_en

    def title(self, language: str) -> str:
        """The title in a language, or in the other when it was not written."""
        return in_language(language, self.title_zh, self.title_en)

    def description(self, language: str) -> str:
        """The description in a language, or in the other when it was not written."""
        return in_language(language, self.description_zh, self.description_en)


class Variant(models.Model):
    """What is put into a cart. `stock` null means as many as wanted; one that is no longer made is
    retired, as orders and carts go on naming it."""

    class Status(models.TextChoices):
        ON_SALE = "on_sale"
        PAUSED = "paused"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=new_id)
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ON_SALE)
    # For each of the product's options the position of the value it has.
    choice = models.JSONField(default=list)
    price_cents = models.BigIntegerField()
    # What is struck through beside the price.
    compare_at_cents = models.BigIntegerField(null=True)
    stock = models.BigIntegerField(null=True)
    low_stock_at = models.BigIntegerField(null=True)
    sold_count = models.BigIntegerField(default=0)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sku"], condition=~Q(status="retired"), name="variant_sku_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(price_cents__gte=0), name="variant_price_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(compare_at_cents__isnull=True)
                | Q(compare_at_cents__gt=F("price_cents")),
                name="variant_was_dearer_before",
            ),
            models.CheckConstraint(
                condition=(Q(stock__isnull=True) | Q(stock__gte=0)) & Q(sold_count__gte=0),
                name="variant_stock_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class CartLine(models.Model):
    """So many of a variant in a member's cart. What it costs is read from the catalogue."""

    id = models.BigAutoField(primary_key=True)
    member_id = models.UUIDField()
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+", db_index=False)
    quantity = models.IntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_id", "variant"], name="variant_is_once_in_a_cart"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=999), name="cart_line_has_1_to_999"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class Address(models.Model):
    """Where a member has parcels sent."""

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    name = models.TextField()
    phone = models.TextField()
    region = models.TextField(blank=True)
    line = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_id"], condition=Q(is_default=True),
                name="member_has_one_default_address",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["member_id", "id"], name="address_by_member")]

    def __str__(self) -> str:
        return f"{self.region} {self.line}"
