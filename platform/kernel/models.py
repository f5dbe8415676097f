"""Kernel's own tables, in every merchant's schema."""

from django.db import models

from kernel.ids import new_id


class TestClock(models.Model):
    """The one row that is a test-mode merchant's now."""

    __test__ = False  # the name makes pytest look

    id = models.SmallIntegerField(primary_key=True, default=1)
    now = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="testclock_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.now.isoformat()


class IdempotencyRecord(models.Model):
    """The first answer given under an Idempotency-Key, to be given again."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(null=True)
    content_type = models.CharField(max_length=60, default="application/json")
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_is_used_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class OutboxEvent(models.Model):
    """Something others may care about, written in the transaction that made it true."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=new_id)
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="outbox_waiting",
                condition=models.Q(delivered_at__isnull=True, parked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"
