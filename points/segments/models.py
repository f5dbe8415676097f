"""Segments and the scale of RFM scores."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class Segment(models.Model):
    """A group of members: everybody for whom the condition holds now."""

    id = models.UUIDField(primary_key=True, default=new_id)
    # Chosen once; rules and other systems name the segment by it.
    code = models.TextField()
    name = models.TextField()
    description = models.TextField(blank=True)
    # The canonical JSON Logic tree (points.conditions).
    condition = models.JSONField()
    # Counts the conditions it has had.
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="segment_code_is_one"),
            models.CheckConstraint(condition=Q(version__gte=1), name="segment_has_a_version"),
        ]

    def __str__(self) -> str:
        return self.code


class RfmScale(models.Model):
    """Where members' fifths begin and end: four boundaries each, the lowest first (one row)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    recency = ArrayField(models.DateTimeField())
    frequency = ArrayField(models.BigIntegerField())
    monetary = ArrayField(models.BigIntegerField())
    members_count = models.IntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="rfm_scale_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"scale of {self.members_count} members, {self.measured_at}"
