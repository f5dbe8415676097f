"""Adjustments, and what each person moved on a day."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class Adjustment(models.Model):
    """A correction of a member's points. Executed at once, or waiting for a second person.

    A row that waits runs out at `expires_at` by itself: nothing has to be written for it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        EXECUTED = "executed"
        REJECTED = "rejected"

    EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    points = models.BigIntegerField()
    reason = models.TextField()
    funding_source = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    requested_by = models.TextField()
    requested_by_name = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    # The day it counts on, against its author's limit.
    local_date = models.DateField()
    expires_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True)
    decided_by_name = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    transaction_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="adjustment_moves_something"),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=models.F("requested_by")),
                name="adjustment_is_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(transaction_id__isnull=False) | ~Q(status="executed"),
                name="executed_adjustment_has_a_transaction",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="adjustment_waiting", condition=Q(status="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} for {self.member_id} ({self.status})"

    def status_at(self, at: datetime) -> str:
        """The status as it is at a moment: a request nobody decided in time is `expired`."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return self.EXPIRED if self.status == self.Status.WAITING and is_over else self.status


class StaffDay(models.Model):
    """Points a person gave or took on one local day, waiting ones included. The row that is locked
    while another adjustment of the same person is counted."""

    id = models.BigAutoField(primary_key=True)
    actor = models.TextField()
    local_date = models.DateField()
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "local_date"], name="staff_day_is_one_row"),
            models.CheckConstraint(
                condition=Q(points__gte=0), name="staff_day_counts_no_less_than_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.points} on {self.local_date}"
