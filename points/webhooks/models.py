"""Receivers of events, and what was or will be sent to each."""

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class WebhookEndpoint(models.Model):
    """A URL of another system that wants to be told.

    Its secret signs what is sent, so it is kept sealed (kernel.sealing), not hashed; after a change
    the one before signs as well until `previous_until`.
    """

    class Status(models.TextChoices):
        ENABLED = "enabled"
        DISABLED = "disabled"  # by people
        AUTO_DISABLED = "auto_disabled"  # it answered 410, or failed for days

    id = models.UUIDField(primary_key=True, default=new_id)
    url = models.TextField()
    description = models.TextField(blank=True)
    # Topics of the catalogue, or ["*"].
    topics = models.JSONField()
    status = models.CharField(max_length=13, choices=Status, default=Status.ENABLED)
    # Why it was disabled: gone, failing; empty when people did it.
    status_reason = models.CharField(max_length=20, blank=True)
    sealed_secret = models.TextField()
    sealed_previous = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.TextField(blank=True)
    # The first failure since the last success.
    failing_since = models.DateTimeField(null=True)
    last_delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["enabled", "disabled", "auto_disabled"]),
                name="webhook_endpoint_has_a_known_status",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint. Its number is the log's order, not the sending's.

    `sequence` is the event's place in the outbox: of one subject (a member) the next is sent only
    when those before it are delivered or parked.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        PARKED = "parked"  # every try failed

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, db_index=False)
    event_id = models.UUIDField()
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    sequence = models.BigIntegerField(default=0)
    data = models.JSONField()
    occurred_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    attempts = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    # Who sends it now has it until then.
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # The last try: HTTP status (null without an answer), why it failed, the answer's beginning.
    response_status = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=30, blank=True)
    duration_ms = models.IntegerField(null=True)
    response_body = models.TextField(blank=True)
    # Every try: [{"at", "status", "error", "duration_ms"}].
    tries = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], name="webhook_event_goes_to_an_endpoint_once"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", next_attempt_at__isnull=False, finished_at=None)
                | Q(
                    status__in=["delivered", "parked"],
                    next_attempt_at=None,
                    leased_until=None,
                    finished_at__isnull=False,
                ),
                name="webhook_delivery_is_pending_or_finished",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(
                fields=["endpoint", "sequence"],
                name="webhook_waiting",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["endpoint", "subject", "sequence"],
                name="webhook_in_line",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["endpoint"],
                name="webhook_in_flight",
                condition=Q(leased_until__isnull=False),
            ),
            models.Index(
                fields=["endpoint", "-id"], name="webhook_parked", condition=Q(status="parked")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"
