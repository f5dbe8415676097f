"""Tiers, each member's place, and the moves that led there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy


class Tier(models.Model):
    """A level. Levels follow the thresholds: the lowest is level 1, and 0 is everybody's."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=40, blank=True)
    name_en = models.CharField(max_length=40, blank=True)
    # What a member's value must reach: growth, minor units of money, or orders.
    threshold = models.BigIntegerField()
    color = models.CharField(max_length=7, blank=True)
    # `calculations.Benefits` gives its shape.
    benefits = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="tier_code_is_unique"),
            models.UniqueConstraint(fields=["threshold"], name="tier_threshold_is_unique"),
            models.CheckConstraint(
                condition=Q(threshold__gte=0), name="tier_threshold_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def name(self, language: str) -> str:
        """Its name in a language, or in the other one, or its code."""
        both = (self.name_zh, self.name_en)
        first, second = both if language.startswith("zh") else both[::-1]
        return first or second or self.code


class MemberTier(models.Model):
    """A member's place. Members without a row are where everybody begins.

    `tier` is what holds now; `earned_tier` what would hold without a tier set by hand. Null is the
    tier with threshold 0, if there is one.
    """

    member_id = models.UUIDField(primary_key=True)
    tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    earned_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    since = models.DateTimeField(null=True)
    # End of the tier period of the earned tier; null when it has none.
    keeps_until = models.DateTimeField(null=True)
    grace_ends_at = models.DateTimeField(null=True)
    # The last period that ended and the tier it was about: lost then, orders told late may bring it
    # back.
    judged_at = models.DateTimeField(null=True)
    judged_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    manual_until = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    next_review_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_ends_at__isnull=True) | Q(keeps_until__isnull=False),
                name="grace_follows_a_period",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_review_at"],
                name="member_tier_due",
                condition=Q(next_review_at__isnull=False),
            ),
            models.Index(fields=["tier"], name="member_tier_by_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.tier_id}"


class TierMove(models.Model):
    """One step of a member's history, with the figures behind it. Never changed."""

    append_only = True

    class Kind(models.TextChoices):
        UPGRADE = "upgrade", gettext_lazy("Upgraded")
        DOWNGRADE = "downgrade", gettext_lazy("Downgraded")
        KEPT = "kept", gettext_lazy("Kept")
        GRACE = "grace", gettext_lazy("Grace")
        MANUAL = "manual", gettext_lazy("Set by hand")
        MANUAL_ENDED = "manual_ended", gettext_lazy("No longer set by hand")
        RECALCULATED = "recalculated", gettext_lazy("Recalculated")

    id = models.BigAutoField(primary_key=True)
    member_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    from_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    to_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    # {"by", "value", "threshold", …} or {"reason", "until"}.
    why = models.JSONField(default=dict)
    actor = models.TextField(blank=True)
    # When it was due by the facts, and when it was noticed.
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member_id", "-id"], name="tier_move_by_member")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}"


class TierCouponRun(models.Model):
    """How far today's look for members who have no coupon of this month came, one row a tier.

    A new day or another template begins it anew. `cursor` is the last member looked at; `last_move`
    the last step of members' histories that was seen, `looked_at` when.
    """

    tier = models.OneToOneField(Tier, models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()
    template = models.CharField(max_length=40)
    cursor = models.UUIDField(null=True)
    last_move = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField()
    # Coupons given in the month of `day`, and members who could not have one when they were looked
    # at that day, with the reason of the latest.
    issued_count = models.BigIntegerField(default=0)
    missed_count = models.BigIntegerField(default=0)
    missed_reason = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_count__gte=0, missed_count__gte=0),
                name="tier_coupons_are_counted_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} on {self.day}"


class TierRecalculation(models.Model):
    """The one row that remembers for which definitions all members were looked at, and how far."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    definition = models.CharField(max_length=64)
    # The last member done; null before the first.
    cursor = models.UUIDField(null=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="tier_recalculation_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"{self.definition[:8]} at {self.cursor}"
