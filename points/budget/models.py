"""Pots of points or money, cut into slots so that many can take at once.

One balance row would be locked by every grant. Each period of a pot has 16 slots instead: a grant
takes from one of them by chance, and only when that one is too low from all of them together.
"""

from django.db import models
from django.db.models import Q


class Pot(models.Model):
    """What one owner may give away: `funding:<id>` or `rule:<id>`.

    Amounts are points, or for `measure` cost millionths of a minor unit.
    """

    class Measure(models.TextChoices):
        POINTS = "points"
        COST = "cost"

    class Period(models.TextChoices):
        MONTH = "month"
        CAMPAIGN = "campaign"

    class OnLimit(models.TextChoices):
        STOP = "stop"
        STOP_BONUS = "stop_bonus"
        ALERT = "alert"

    id = models.BigAutoField(primary_key=True)
    owner = models.TextField()
    measure = models.CharField(max_length=6, choices=Measure.choices)
    amount = models.BigIntegerField(default=0)
    revenue_rate = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    period = models.CharField(max_length=8, choices=Period.choices)
    on_limit = models.CharField(max_length=10, choices=OnLimit.choices)
    alert_rate = models.DecimalField(max_digits=4, decimal_places=3)
    is_open = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner"], name="pot_has_one_owner"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="pot_is_not_negative"),
            models.CheckConstraint(
                condition=Q(revenue_rate__isnull=True)
                | Q(revenue_rate__gte=0, revenue_rate__lte=1, measure="cost"),
                name="pot_takes_a_share_of_revenue_in_money",
            ),
        ]

    def __str__(self) -> str:
        return self.owner


class PotPeriod(models.Model):
    """One period of a pot; `fixed_amount` is what of its limit did not come from revenue."""

    id = models.BigAutoField(primary_key=True)
    pot = models.ForeignKey(Pot, models.PROTECT, related_name="periods", db_index=False)
    starts_on = models.DateField()
    fixed_amount = models.BigIntegerField()
    alerted_at = models.DateTimeField(null=True)
    exhausted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pot", "starts_on"], name="pot_period_begins_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pot_id} from {self.starts_on}"


class PotSlot(models.Model):
    """A part of a period: its share of the limit, and what is left of it.

    What is left may be negative in slot 0 only, when base points go on beyond the limit; the other
    slots are 0 then.
    """

    pk = models.CompositePrimaryKey("period_id", "slot")
    period = models.ForeignKey(
        PotPeriod, models.DO_NOTHING, related_name="slots", db_constraint=False, db_index=False
    )
    slot = models.SmallIntegerField()
    limit_amount = models.BigIntegerField()
    left_amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left_amount__gte=0) | Q(slot=0), name="pot_slot_is_not_overdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_amount} of {self.limit_amount}"


class PotIncome(models.Model):
    """What came into a period, or left it, since its slots were last gathered: revenue, points
    taken back, a changed budget. Added without waiting for anybody."""

    id = models.BigAutoField(primary_key=True)
    period = models.ForeignKey(
        PotPeriod, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    limit_amount = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["period"], name="pot_income_by_period")]

    def __str__(self) -> str:
        return f"{self.amount:+d}"
