"""What cash needs beside the ledger: caps, red packets, withdrawals, the provider's account."""

from django.db import models
from django.db.models import F, Q

from kernel.bilingual import pack
from kernel.ids import new_id


class ExchangeCount(models.Model):
    """Cash that points became, in minor units: in all (`total`) and on a local day (`2026-11-22`).
    The rows on which all who exchange meet, touched last."""

    id = models.BigAutoField(primary_key=True)
    scope = models.TextField()
    cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope"], name="exchange_is_counted_in_one_row"),
            models.CheckConstraint(
                condition=Q(cents__gte=0), name="exchange_counts_no_less_than_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cents} {self.scope}"


class RedPacket(models.Model):
    """A sum cut into shares, of which every member takes one, first come first served.

    The payer's account is charged when a share is taken; what nobody took by `ends_at` stays with
    the payer and is written down as returned.
    """

    class Kind(models.TextChoices):
        RANDOM = "random"
        EQUAL = "equal"

    class Audience(models.TextChoices):
        ALL = "all"
        TIER = "tier"
        SEGMENT = "segment"

    class Status(models.TextChoices):
        OPEN = "open"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    title_zh = models.TextField(blank=True)
    title_en = models.TextField(blank=True)
    total_cents = models.BigIntegerField()
    shares_count = models.IntegerField()
    audience = models.CharField(max_length=7, choices=Audience.choices)
    audience_code = models.TextField(blank=True)
    funding_source = models.TextField()
    status = models.CharField(max_length=5, choices=Status.choices, default=Status.OPEN)
    # What nobody took, known when it has ended.
    returned_cents = models.BigIntegerField(default=0)
    created_by = models.TextField()
    created_by_name = models.TextField(blank=True)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(shares_count__gte=1) & Q(total_cents__gte=F("shares_count")),
                name="red_packet_has_a_minor_unit_for_each_share",
            ),
            models.CheckConstraint(
                condition=Q(returned_cents__gte=0) & Q(returned_cents__lte=F("total_cents")),
                name="red_packet_returns_no_more_than_it_held",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True)
                | Q(status="ended", ended_at__isnull=False),
                name="ended_red_packet_has_ended_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="red_packet_open", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.total_cents} in {self.shares_count}"

    def title(self, language: str) -> str:
        """The greeting in a language, or in the one it was written in."""
        wanted = self.title_zh if language.startswith("zh") else self.title_en
        return wanted or self.title_zh or self.title_en

    @property
    def note(self) -> str:
        """Both greetings, for the ledger."""
        return pack(self.title_zh, self.title_en)


class RedPacketShare(models.Model):
    """One share, cut before the first member came, and who took it."""

    id = models.BigAutoField(primary_key=True)
    red_packet = models.ForeignKey(RedPacket, models.CASCADE, related_name="shares", db_index=False)
    number = models.IntegerField()
    cents = models.BigIntegerField()
    member_id = models.UUIDField(null=True)
    # 0, but for the second share of somebody who took one under each of two names (a merge).
    seat = models.IntegerField(default=0)
    taken_at = models.DateTimeField(null=True)
    transaction_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["red_packet", "number"], name="red_packet_share_has_one_number"
            ),
            models.UniqueConstraint(
                fields=["member_id", "red_packet", "seat"],
                name="member_takes_one_share_of_a_red_packet",
            ),
            models.CheckConstraint(
                condition=Q(cents__gte=1), name="red_packet_share_is_a_minor_unit_at_least"
            ),
            models.CheckConstraint(
                condition=Q(member_id__isnull=True, taken_at__isnull=True)
                | Q(member_id__isnull=False, taken_at__isnull=False),
                name="taken_red_packet_share_has_a_member",
            ),
        ]
        indexes = [
            models.Index(
                fields=["red_packet", "number"], name="red_packet_share_free",
                condition=Q(member_id__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}: {self.cents}"


class Withdrawal(models.Model):
    """Cash a member wants to have paid out. It has left the wallet from the first moment on.

    requested → approved → paying → paid | failed; requested → rejected | cancelled. By hand there is
    no `paying`. Its id without hyphens is the number under which a provider knows it, for ever.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        PAYING = "paying"
        PAID = "paid"
        FAILED = "failed"
        REJECTED = "rejected"
        CANCELLED = "cancelled"

    class Provider(models.TextChoices):
        MANUAL = "manual"
        WECHAT = "wechat"
        STRIPE = "stripe"

    # What ended without money having been paid: the cash is back in the wallet.
    UNDONE = (Status.FAILED, Status.REJECTED, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=new_id)
    member_id = models.UUIDField()
    cents = models.BigIntegerField()
    status = models.CharField(max_length=9, choices=Status.choices)
    provider = models.CharField(max_length=10)
    payee_name = models.TextField(blank=True)
    payee_account = models.TextField(blank=True)
    # The shop's day it counts on, against the member's limit.
    local_date = models.DateField()
    requested_by = models.TextField()
    requested_by_name = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    decided_by = models.TextField(blank=True)
    decided_by_name = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    transaction_id = models.BigIntegerField()
    # The provider's own number, or what staff wrote down.
    reference = models.TextField(blank=True)
    # What the provider says of it: its word for the state, what the member needs to accept the money.
    details = models.JSONField(default=dict)
    tries = models.IntegerField(default=0)
    # When the provider is to be asked (again); none while nothing is to be asked.
    next_try_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gte=1), name="withdrawal_pays_something"),
            models.CheckConstraint(
                condition=Q(decided_by="")
                | ~Q(decided_by=F("requested_by"))
                | Q(status="cancelled"),
                name="withdrawal_is_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(status="paid", closed_at__isnull=False) | ~Q(status="paid"),
                name="paid_withdrawal_was_paid_at_a_moment",
            ),
            models.UniqueConstraint(
                fields=["reference", "provider"],
                name="payout_reference_pays_once",
                condition=~Q(reference=""),
            ),
        ]
        indexes = [
            models.Index(fields=["member_id", "-id"], name="withdrawal_of_member"),
            models.Index(
                fields=["-id"], name="withdrawal_open",
                condition=Q(status__in=["requested", "approved", "paying"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.cents} {self.status}"


class PayoutAccount(models.Model):
    """The merchant's own account at a payout provider. What is secret lies in `sealed` alone."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=10)
    # What may be shown: numbers and names, no keys.
    shown = models.JSONField(default=dict)
    sealed = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider"], name="payout_account_is_one_per_provider"),
        ]

    def __str__(self) -> str:
        return self.provider
