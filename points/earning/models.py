"""Earning rules with their versions, what each gave to whom, and the events they look at."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id


class EarningRule(models.Model):
    """A rule by its code. What it says lies in its versions; `draft` is what is being prepared."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=60)
    draft = models.JSONField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="earning_rule_code_is_unique"),
        ]

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """What a rule said from a moment on, until the next version. Never changed, never deleted.

    `document` null: from then on the rule is stopped. A version that is brought back is published
    again as a new one, and names the old one in `restores`.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(EarningRule, models.PROTECT, related_name="versions", db_index=False)
    number = models.IntegerField()
    document = models.JSONField(null=True)
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.TextField()
    restores = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "number"], name="rule_version_is_numbered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.rule_id}"


class Award(models.Model):
    """What a matching rule gave for one order, event or check-in, or why it gave nothing.

    One of a rule that gives coupons plans 0 points; its coupon was issued under its id.
    """

    class Status(models.TextChoices):
        GRANTED = "granted"
        REFUSED = "refused"
        CLAIMABLE = "claimable"

    id = models.UUIDField(primary_key=True)
    key = models.TextField()
    rule = models.ForeignKey(
        EarningRule, models.DO_NOTHING, related_name="awards", db_constraint=False, db_index=False
    )
    version = models.IntegerField()
    member_id = models.UUIDField()
    source_type = models.CharField(max_length=20)
    source_id = models.UUIDField()
    planned_points = models.BigIntegerField()
    granted_points = models.BigIntegerField()
    status = models.CharField(max_length=9, choices=Status.choices)
    # Which limit cut it: `member_times`, `member_points`, `total`, `budget`, or why there was no coupon:
    # `coupon_exhausted`, `coupon_limit`, `coupon_inactive`, `coupon_over`, `coupon_refunded`.
    reason = models.TextField(blank=True)
    # What a claim needs to know to grant it later; only while it is claimable.
    grant = models.JSONField(null=True)
    # The periods of `AwardCount` it counts in. Its order was refunded in full: it counts no more.
    counted = ArrayField(models.TextField(), default=list)
    is_given_back = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="award_is_given_once"),
            models.CheckConstraint(
                condition=Q(granted_points__gte=0, granted_points__lte=F("planned_points")),
                name="award_grants_at_most_what_was_planned",
            ),
        ]
        indexes = [
            models.Index(fields=["source_id"], name="award_by_source"),
            models.Index(fields=["member_id", "rule"], name="award_by_member"),
            models.Index(fields=["rule", "occurred_at"], name="award_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.granted_points} of {self.planned_points} ({self.key})"


class AwardCount(models.Model):
    """How often, and how much, a rule gave a member in one period: `d2026-11-22`, `w2026-47`,
    `m2026-11`, `e`. Written under the lock of the member's wallet."""

    pk = models.CompositePrimaryKey("member_id", "rule_id", "period")
    member_id = models.UUIDField()
    rule = models.ForeignKey(
        EarningRule, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    period = models.CharField(max_length=11)
    times = models.IntegerField()
    points = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.times} times in {self.period}"


class EarningEvent(models.Model):
    """Something a member did, told once by its id for ever, with what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    external_id = models.TextField()
    fingerprint = models.TextField()
    type = models.TextField()
    member_id = models.UUIDField()
    properties = models.JSONField()
    # Which rules matched and why others did not; what the matching ones gave is in the awards.
    evaluation = models.JSONField()
    points_earned = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="event_is_told_once"),
        ]
        indexes = [
            models.Index(fields=["member_id", "-occurred_at"], name="event_by_member"),
            models.Index(fields=["-received_at", "-id"], name="event_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"
