"""Referrals, distributors and commissions."""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id


class Referral(models.Model):
    """A new member (`member_id`) came by another's code; also the attempts that were refused.

    A member has at most one that stands. `reason` says why one was refused or came to nothing, or
    what kept the inviter's reward away.
    """

    class Source(models.TextChoices):
        SIGN_UP = "sign_up"
        CLAIM = "claim"
        PARTNER = "partner"

    class Status(models.TextChoices):
        JOINED = "joined"
        ORDERED = "ordered"
        REWARDED = "rewarded"
        ENDED = "ended"
        REFUSED = "refused"
        # Two members turned out to be one person, who came by another referral.
        MERGED = "merged"

    OPEN = (Status.JOINED, Status.ORDERED)
    GONE = (Status.REFUSED, Status.MERGED)

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    inviter_id = models.UUIDField(null=True)
    code = models.TextField(blank=True)
    source = models.CharField(max_length=7, choices=Source.choices)
    status = models.CharField(max_length=8, choices=Status.choices)
    reason = models.TextField(blank=True)
    # Keyed hash of the random number the browser bears; nothing of the device itself.
    device_hash = models.BinaryField(max_length=32, null=True)
    order_id = models.UUIDField(null=True)
    inviter_points = models.BigIntegerField(default=0)
    invitee_points = models.BigIntegerField(default=0)
    claimed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_id"],
                name="member_came_by_one_referral",
                condition=~Q(status__in=["refused", "merged"]),
            ),
            models.UniqueConstraint(
                fields=["device_hash"],
                name="device_brings_one_new_member",
                condition=Q(device_hash__isnull=False) & ~Q(status__in=["refused", "merged"]),
            ),
            models.CheckConstraint(
                condition=Q(inviter_id__isnull=True) | ~Q(inviter_id=F("member_id")),
                name="nobody_stands_as_invited_by_himself",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") | Q(inviter_id__isnull=False),
                name="referral_that_stands_has_an_inviter",
            ),
            models.CheckConstraint(
                condition=~Q(status="rewarded") | Q(order_id__isnull=False),
                name="reward_is_for_an_order",
            ),
        ]
        indexes = [
            models.Index(fields=["inviter_id", "-id"], name="referral_by_inviter"),
            models.Index(
                fields=["claimed_at"], name="referral_open",
                condition=Q(status__in=["joined", "ordered"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member_id} by {self.inviter_id} ({self.status})"


class Distributor(models.Model):
    """A member who may earn commission, or asks to. `parent` is the distributor who brought it.

    Level 1 has no parent, level 2 has one of level 1; the database knows no third (ADR 0076).
    """

    class Status(models.TextChoices):
        APPLIED = "applied"
        ACTIVE = "active"
        REJECTED = "rejected"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    status = models.CharField(max_length=8, choices=Status.choices)
    level = models.SmallIntegerField(default=1)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="team", db_index=False
    )
    # Always 1 where there is a parent: half of the reference to (id, level) that the migration makes.
    parent_level = models.SmallIntegerField(null=True)
    message = models.TextField(blank=True)
    applied_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member_id"], name="member_is_one_distributor"),
            models.UniqueConstraint(fields=["id", "level"], name="distributor_is_on_one_level"),
            models.CheckConstraint(
                condition=Q(level=1, parent__isnull=True, parent_level__isnull=True)
                | Q(level=2, parent__isnull=False, parent_level=1),
                name="distributors_stand_on_two_levels_at_most",
            ),
        ]
        indexes = [
            models.Index(
                fields=["parent"], name="distributor_team", condition=Q(parent__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on level {self.level} ({self.status})"


class Commission(models.Model):
    """What one order gives one distributor. `amount_cents` is what the goods that were kept are worth
    by the rates of the day the order was completed; `paid_cents` and `taken_back_cents` are what the
    ledger moved for it.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SETTLED = "settled"
        # Nothing was left of it when the return window closed, or nobody is there to be paid.
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=new_id)
    order_id = models.UUIDField()
    member_id = models.UUIDField()
    level = models.SmallIntegerField()
    rate = models.DecimalField(max_digits=5, decimal_places=4)
    # Category → rate where it is another one.
    category_rates = models.JSONField(default=dict)
    base_cents = models.BigIntegerField()
    amount_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    taken_back_cents = models.BigIntegerField(default=0)
    # How often the ledger was told of it: the end of the next posting's key.
    moves = models.IntegerField(default=0)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.PENDING)
    earned_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "level"], name="order_pays_a_level_once"),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=2),
                name="commission_reaches_two_levels_at_most",
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0, amount_cents__lte=F("base_cents")),
                name="commission_is_a_part_of_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_cents__gte=0, paid_cents__gte=F("taken_back_cents")),
                name="commission_taken_back_was_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-id"], name="commission_by_member"),
            models.Index(
                fields=["closes_at"], name="commission_due", condition=Q(status="pending")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} of {self.order_id} on level {self.level}"
