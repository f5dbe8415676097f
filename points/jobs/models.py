"""The one table of jobs."""

from django.db import models
from django.db.models import Q

from kernel.ids import new_id

UNFINISHED = ("queued", "running")


class Job(models.Model):
    """One piece of long work. All its moments are of the real clock: workers live by it.

    `attempts` counts how often it was begun, and fences: whoever began it earlier may write no more.
    `subject` is what it works on, in a word; of a kind and subject one job at a time.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    done = models.BigIntegerField(default=0)
    # 0: not known yet.
    total = models.BigIntegerField(default=0)
    input = models.JSONField(default=dict)
    # What a run that goes on needs to know; empty again when it is over.
    state = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error_code = models.CharField(max_length=80, blank=True)
    error_facts = models.JSONField(default=dict)
    attempts = models.SmallIntegerField(default=0)
    asked_by_id = models.TextField(blank=True)
    asked_by_name = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed", "cancelled"]),
                name="job_has_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNFINISHED, finished_at=None)
                | Q(status__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="job_that_is_over_says_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(beat_at__isnull=False),
                name="running_job_has_a_pulse",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_code=""), name="failed_job_says_why"
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, total__gte=0), name="job_does_no_less_than_nothing"
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(status__in=UNFINISHED),
                name="one_unfinished_job_of_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} ({self.status})"
