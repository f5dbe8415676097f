"""Pictures, in the merchant's own schema (ADR 0069)."""

from django.db import models

from kernel.ids import new_id


class Picture(models.Model):
    """One picture in two sizes, both WebP. Never changed: another picture is another row."""

    id = models.UUIDField(primary_key=True, default=new_id)
    # SHA-256 of what was uploaded: the same file again is the same picture.
    digest = models.BinaryField()
    width = models.IntegerField()
    height = models.IntegerField()
    large = models.BinaryField()
    small = models.BinaryField()
    file_name = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="picture_is_kept_once"),
            models.CheckConstraint(
                condition=models.Q(width__gte=1, height__gte=1), name="picture_has_an_area"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name or str(self.pk)
