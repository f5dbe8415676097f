"""Coupon templates, and the coupons issued from them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id
from points.coupons.calculations import CouponTerms


class CouponTemplate(models.Model):
    """What a merchant gives out, to whom and for how long. Lists are JSON arrays of codes.

    `issued_count` counts its coupons but the voided ones, which gave their place back.
    """

    class Kind(models.TextChoices):
        AMOUNT_OFF = "amount_off"
        PERCENT_OFF = "percent_off"
        FREE_SHIPPING = "free_shipping"

    class Scope(models.TextChoices):
        ALL = "all"
        CATEGORIES = "categories"
        SKUS = "skus"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        STOPPED = "stopped"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    name_zh = models.TextField(blank=True)
    name_en = models.TextField(blank=True)
    kind = models.CharField(max_length=13, choices=Kind)
    amount_cents = models.BigIntegerField(null=True)
    # The share taken off: 0.2 is 20 % off.
    rate = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    cap_cents = models.BigIntegerField(null=True)
    threshold_cents = models.BigIntegerField(default=0)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.ALL)
    categories = models.JSONField(default=list)
    skus = models.JSONField(default=list)
    excluded_categories = models.JSONField(default=list)
    excluded_skus = models.JSONField(default=list)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    valid_days = models.IntegerField(null=True)
    total = models.BigIntegerField(null=True)
    per_member = models.IntegerField(null=True)
    is_claimable = models.BooleanField(default=False)
    claim_from = models.DateTimeField(null=True)
    claim_until = models.DateTimeField(null=True)
    # Who may claim: any of these tiers (none named: every tier), and in this segment.
    tiers = models.JSONField(default=list)
    segment = models.TextField(blank=True)
    stacks = models.BooleanField(default=False)
    with_points = models.BooleanField(default=True)
    returns_on_refund = models.BooleanField(default=True)
    funding_source = models.TextField()
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    issued_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="coupon_template_code_is_one"),
            models.CheckConstraint(
                condition=Q(kind="amount_off", amount_cents__gte=1, rate=None)
                | Q(kind="percent_off", rate__gt=0, rate__lte=1, amount_cents=None)
                | Q(kind="free_shipping", amount_cents=None, rate=None),
                name="coupon_template_is_worth_something",
            ),
            models.CheckConstraint(
                condition=Q(issued_count__gte=0)
                & (Q(total__isnull=True) | Q(issued_count__lte=F("total"))),
                name="no_more_coupons_than_the_total",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def name(self, language: str) -> str:
        """The name in a language, or in the other one, or the code."""
        both = (self.name_zh, self.name_en)
        first, second = both if language.startswith("zh") else both[::-1]
        return first or second or self.code

    @property
    def terms(self) -> CouponTerms:
        """What a coupon issued now promises."""
        return CouponTerms(
            kind=self.kind,  # type: ignore[arg-type]
            amount_cents=self.amount_cents, rate=self.rate, cap_cents=self.cap_cents,
            threshold_cents=self.threshold_cents,
            scope=self.scope,  # type: ignore[arg-type]
            categories=tuple(self.categories), skus=tuple(self.skus),
            excluded_categories=tuple(self.excluded_categories),
            excluded_skus=tuple(self.excluded_skus), stacks=self.stacks,
            with_points=self.with_points, returns_on_refund=self.returns_on_refund,
            per_member=self.per_member, funding_source=self.funding_source,
        )  # fmt: skip


class Coupon(models.Model):
    """One coupon of one member. States are dated and say who; `reference` names the checkout that
    holds or used it. `valid_until` is the first moment after, None: for ever."""

    class State(models.TextChoices):
        ISSUED = "issued"
        LOCKED = "locked"
        USED = "used"
        EXPIRED = "expired"
        VOIDED = "voided"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    template = models.ForeignKey(
        CouponTemplate, models.PROTECT, related_name="coupons", db_index=False
    )
    member_id = models.UUIDField()
    promise = models.JSONField(db_column="terms")
    state = models.CharField(max_length=7, choices=State, default=State.ISSUED)
    # Which business moment it came from, e.g. `redemption` and its id: issues once for ever.
    source = models.TextField()
    source_id = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    reference = models.TextField(blank=True)
    locked_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.TextField(blank=True)
    discount_cents = models.BigIntegerField(default=0)
    # The use that was undone by a refund, so that the refund told again changes nothing.
    returned_from = models.TextField(blank=True)
    returned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="coupon_code_is_one"),
            models.UniqueConstraint(fields=["source", "source_id"], name="coupon_is_issued_once"),
            models.CheckConstraint(
                condition=~Q(state="locked")
                | ~Q(reference="") & Q(locked_at__isnull=False, locked_until__isnull=False),
                name="locked_coupon_says_for_what",
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | ~Q(reference="") & Q(used_at__isnull=False),
                name="used_coupon_says_for_what",
            ),
            models.CheckConstraint(
                condition=Q(discount_cents__gte=0) & (Q(state="used") | Q(discount_cents=0)),
                name="only_a_used_coupon_took_something_off",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-id"], name="coupon_by_member"),
            # The console's figures are read from the index alone.
            models.Index(
                fields=["template", "state"], include=["discount_cents"], name="coupon_by_template"
            ),
            models.Index(
                fields=["valid_until"],
                condition=Q(state__in=["issued", "locked"]),
                name="coupon_by_end",
            ),
            models.Index(
                fields=["locked_until"], condition=Q(state="locked"), name="coupon_by_lock"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def terms(self) -> CouponTerms:
        """What it promises, as it was stamped."""
        return msgspec.convert(self.promise, CouponTerms, strict=False)

    def state_at(self, at: datetime) -> str:
        """Its state as of a moment: locks and validity end by themselves, right to the second."""
        is_held = self.state == self.State.LOCKED and (self.locked_until or at) > at
        if self.state not in (self.State.ISSUED, self.State.LOCKED) or is_held:
            return self.state
        is_over = self.valid_until is not None and self.valid_until <= at
        return self.State.EXPIRED if is_over else self.State.ISSUED


def stamped(terms: CouponTerms) -> dict[str, Any]:
    """Terms as JSON; a rate as a text, as JSON has no exact fractions."""
    found: dict[str, Any] = msgspec.to_builtins(terms, builtin_types=(Decimal,))
    if terms.rate is not None:
        found["rate"] = str(terms.rate.normalize())
    return found
