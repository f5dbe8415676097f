"""Imports and their rows."""

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class MemberImport(models.Model):
    """One file, or several calls, of members with their opening balances.

    `name` is where the rows come from; with it a row is known for ever, so that the same row in a
    second import of the same name gives nothing. `totals` is what the last check found, `signed` what
    somebody signed off of it, `written` what has been done so far.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CHECKING = "checking"
        CHECKED = "checked"
        WRITING = "writing"
        WRITTEN = "written"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.TextField()
    file_name = models.TextField(blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    rows_count = models.IntegerField(default=0)
    # How many imports of this name were signed off when this one was checked: their rows were seen.
    peers_seen = models.IntegerField(default=0)
    totals = models.JSONField(default=dict)
    signed = models.JSONField(default=dict)
    written = models.JSONField(default=dict)
    created_by_name = models.TextField(blank=True)
    signed_by = models.TextField(blank=True)
    signed_by_name = models.TextField(blank=True)
    created_at = models.DateTimeField()
    # The last time somebody did something with it; the rows go 30 days later.
    changed_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["open", "checking", "checked", "writing", "written", "discarded"]
                ),
                name="import_has_a_known_status",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["writing", "written"]) | Q(signed_at__isnull=False),
                name="import_is_signed_off_before_it_is_written",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(status="writing"),
                name="one_import_of_a_name_is_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class ImportRow(models.Model):
    """A row as it was given, until it is written; `plan` is what the check made of it.

    It goes in the transaction that writes it: what is here is still to be done, or was refused.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        NEW = "new"  # adds a member
        UPDATED = "updated"  # changes one
        POINTS = "points"  # only moves points or growth
        REPEATED = "repeated"  # imported before, or says nothing new
        REFUSED = "refused"

    pk = models.CompositePrimaryKey("member_import_id", "number")
    member_import = models.ForeignKey(
        MemberImport, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    number = models.IntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    # The member it was found to be about, if there is one yet.
    member_id = models.UUIDField(null=True)
    raw = models.JSONField()
    plan = models.JSONField(null=True)
    # {"code", "field", "facts"} of a row that is refused.
    problem = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"row {self.number} ({self.status})"
