"""Keys by which other systems call the partner API."""

from django.db import models

from kernel.ids import new_id


class ApiKey(models.Model):
    """An opaque key: shown once, kept as a hash, valid at this merchant only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.TextField()
    prefix = models.CharField(max_length=12)
    key_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.TextField(blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_hash"], name="api_key_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"
