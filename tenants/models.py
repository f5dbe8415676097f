"""Merchants, their hosts, who works for them, and what happened to them. Public schema."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from kernel.ids import new_id
from tenants.calculations import new_schema_name, theme
from tenants.words import singular


class Merchant(TenantMixin):
    """One tenant: a company, its brand, its own schema."""

    class Status(models.TextChoices):
        RESERVED = "reserved"
        PROVISIONING = "provisioning"
        READY = "ready"
        FAILED = "failed"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    class Mode(models.TextChoices):
        LIVE = "live"
        TEST = "test"

    class Step(models.TextChoices):
        """What has been done so far; the order is the order of provisioning."""

        NOTHING = "nothing"
        SCHEMA = "schema"
        CONTENT = "content"
        OWNER = "owner"
        ADDRESS = "address"
        READY = "ready"

    auto_create_schema = False  # provisioning makes it, in steps that can be resumed
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=new_id)
    schema_name = models.CharField(max_length=63, default=new_schema_name)
    slug = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.RESERVED)
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.LIVE)
    step = models.CharField(max_length=20, choices=Step.choices, default=Step.NOTHING)
    failure = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    template = models.CharField(max_length=20, default="blank")
    owner_email = models.EmailField()
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    locale = models.CharField(max_length=10, default="zh-hans")
    currency = models.CharField(max_length=3, default="CNY")
    timezone = models.CharField(max_length=60, default="Asia/Shanghai")
    brand_color = models.CharField(
        max_length=7, default="#1f6feb", validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    logo = models.CharField(max_length=16, blank=True)
    point_name_zh = models.CharField(max_length=20, default="积分")
    point_name_en = models.CharField(max_length=20, default="points")
    graph_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schema_name"], name="merchant_schema_is_its_own"),
            models.UniqueConstraint(fields=["slug"], name="merchant_slug_is_taken_once"),
        ]

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Plain save: the mixin's own would look for schemas to make."""
        models.Model.save(self, *args, **kwargs)

    def __enter__(self) -> "Merchant":
        raise TypeError("`with merchant:` leaks between threads; use tenant_context(merchant).")

    @property
    def theme(self) -> dict[str, str]:
        """The merchant's three colours, safe to write into a stylesheet."""
        return theme(self.brand_color)

    def point_name(self, language: str) -> str:
        """What the merchant calls points, in a page's language."""
        return self.point_name_zh if language.startswith("zh") else self.point_name_en

    def point_name_one(self, language: str) -> str:
        """The same word for a single one: `1 point`. Chinese has one form."""
        name = self.point_name(language)
        return name if language.startswith("zh") else singular(name)


class Domain(DomainMixin):
    """A host name that leads to a merchant (or, for the base domain, to the portal)."""

    domain = models.CharField(max_length=253)
    tenant = models.ForeignKey(Merchant, models.CASCADE, related_name="domains")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain"], name="domain_leads_to_one_merchant"),
        ]

    def __str__(self) -> str:
        return self.domain

    def save(self, *args: Any, **kwargs: Any) -> None:
        models.Model.save(self, *args, **kwargs)


class Role(models.TextChoices):
    """What a staff user may do at one merchant."""

    OWNER = "owner"
    ADMIN = "admin"
    MARKETER = "marketer"
    SUPPORT = "support"
    ANALYST = "analyst"


class Membership(models.Model):
    """A user works for a merchant, in a role (ADR 0003 says why it is not in `users`)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="user_joins_merchant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.merchant_id}"


class PaymentAccount(models.Model):
    """A merchant's own account at a payment provider: who gets the money that its shop takes.

    Never deleted: what was paid to an account is refunded from it, disconnected or not. `checked_at`:
    when the provider last said so.
    """

    class Status(models.TextChoices):
        """pending: its owner has still to fill in the provider's form · restricted: filled in, and
        the provider takes no money for it (any more)."""

        PENDING = "pending"
        ACTIVE = "active"
        RESTRICTED = "restricted"
        DISCONNECTED = "disconnected"

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="payment_accounts")
    provider = models.CharField(max_length=20)
    account_id = models.CharField(max_length=64)
    status = models.CharField(max_length=12, choices=Status.choices)
    charges_enabled = models.BooleanField(default=False)
    details_submitted = models.BooleanField(default=False)
    livemode = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account_id"], name="payment_account_belongs_to_one_merchant"
            ),
            models.UniqueConstraint(
                fields=["merchant", "provider"],
                condition=~models.Q(status="disconnected"),
                name="merchant_has_one_connected_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account_id}"


class SchemaTemplate(models.Model):
    """The SQL that makes a merchant's schema, recorded once per state of the migrations."""

    graph_hash = models.CharField(primary_key=True, max_length=64)
    sql = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.graph_hash[:12]


class SpareSchema(models.Model):
    """A complete schema nobody owns yet, so that a sign-up need not wait for one to be made."""

    schema_name = models.CharField(primary_key=True, max_length=63)
    graph_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.schema_name


class AuditEvent(models.Model):
    """Who of the staff did what, where and when. Rows are only ever added."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id)
    merchant_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "audit_event"
        indexes = [models.Index(fields=["merchant_id", "-occurred_at"], name="audit_by_merchant")]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
