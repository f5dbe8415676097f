"""The days on which members checked in."""

from typing import Any

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class CheckIn(models.Model):
    """One member's check-in on one local day, with what it gave."""

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    local_date = models.DateField()
    # How many days in a row this one makes; a gap made up for later raises those after it.
    streak = models.IntegerField()
    is_made_up = models.BooleanField(default=False)
    base_points = models.BigIntegerField(default=0)
    # Milestones reached that day: [{"kind", "days", "points"}].
    milestones = models.JSONField(default=list)
    # The extra of the member's tier.
    tier_points = models.BigIntegerField(default=0)
    cost_points = models.BigIntegerField(default=0)
    checked_in_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_id", "local_date"], name="member_checks_in_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(streak__gte=1) & Q(base_points__gte=0) & Q(cost_points__gte=0),
                name="check_in_gives_no_less_than_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.local_date}"

    @property
    def points(self) -> int:
        """All it gave: base, milestones and the extra of the tier."""
        reached: list[dict[str, Any]] = self.milestones
        return int(self.base_points + self.tier_points + sum(one["points"] for one in reached))
