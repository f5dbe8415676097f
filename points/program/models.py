"""The one row of programme settings."""

import uuid

from django.db import models


class Program(models.Model):
    """Settings as one document (`calculations.py` gives its shape), with a version for caches."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    settings = models.JSONField()
    version = models.IntegerField(default=1)
    # Changes with whatever a process may remember between requests: rules, payers, budgets.
    revision = models.UUIDField(default=uuid.uuid4)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="program_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"programme version {self.version}"
