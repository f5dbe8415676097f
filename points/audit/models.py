"""The log's one table."""

from django.db import models

from kernel.ids import new_id


class AuditEntry(models.Model):
    """Somebody did something. `before` and `after` hold the fields that changed, and only those.

    The id is that of the event that carries the copy to the platform, so that both can be compared.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id)
    # The real clock: when the button was pressed; `business_at` is the merchant's own time.
    occurred_at = models.DateTimeField()
    business_at = models.DateTimeField()
    actor = models.TextField()
    actor_name = models.TextField(blank=True)
    actor_role = models.TextField(blank=True)
    surface = models.TextField()
    action = models.TextField()
    subject = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.TextField(blank=True)

    class Meta:
        db_table = "audit_entry"
        indexes = [models.Index(fields=["-occurred_at", "-id"], name="audit_entry_by_time")]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
