"""Tables of the ledger (rules.md §1).

The hot tables carry unique and check constraints but no foreign keys: with them a batch is three
times slower, and `reconciliation.find_inconsistencies` verifies every reference.
"""

from django.db import models
from django.db.models import F, Q

from kernel.ids import new_id


class Unit(models.TextChoices):
    POINTS = "points"
    GROWTH = "growth"
    CASH = "cash"


class Kind(models.TextChoices):
    """What a transaction is; the words of rules.md §1."""

    OPENING = "opening"
    EARN = "earn"
    MATURE = "mature"
    SPEND = "spend"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND_SPENT = "refund_spent"
    CLAWBACK = "clawback"
    EXPIRE = "expire"
    ADJUST = "adjust"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    DEBT_OFFSET = "debt_offset"
    PAYOUT = "payout"
    PAYOUT_RETURN = "payout_return"


class FundingSource(models.Model):
    """Who pays for points: the merchant, a brand, a store, a campaign."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    unit_cost_micros = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="funding_source_code_is_unique"),
            models.CheckConstraint(
                condition=Q(unit_cost_micros__gte=0), name="funding_source_cost_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Wallet(models.Model):
    """One member × one unit: a cache of the lots, right until `next_change_at`."""

    id = models.BigAutoField(primary_key=True)
    member_id = models.UUIDField()
    unit = models.CharField(max_length=6, choices=Unit.choices)
    available = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    lifetime_earned = models.BigIntegerField(default=0)
    next_change_at = models.DateTimeField(null=True)
    # The wallet this one was poured into when its member was merged; empty and closed since.
    merged_into_id = models.BigIntegerField(null=True)
    # Kept only in wallets with lots that live as long as the member is active.
    last_active_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member_id", "unit"], name="wallet_is_one_per_unit"),
            models.CheckConstraint(
                condition=Q(available__gte=0, pending__gte=0, held__gte=0, debt__gte=0),
                name="wallet_parts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(available=0) | Q(debt=0), name="wallet_in_debt_has_nothing_available"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_change_at"],
                name="wallet_due",
                condition=Q(next_change_at__isnull=False),
            ),
            models.Index(
                fields=["merged_into_id"],
                name="wallet_merged",
                condition=Q(merged_into_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} of {self.member_id}"


class Transaction(models.Model):
    """One movement in one wallet. Never changed, never deleted; a mistake is a second transaction.

    `amount` is its effect on what the member owns; `balance_after` what was available after it.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, related_name="transactions", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=14, choices=Kind.choices)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    source_key = models.TextField()
    fingerprint = models.TextField(blank=True)
    source_type = models.CharField(max_length=20, blank=True)
    source_id = models.UUIDField(null=True)
    reference = models.TextField(blank=True)
    note = models.TextField(blank=True)
    actor = models.TextField(blank=True)
    reverses_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_key"], name="transaction_happens_once"),
        ]
        indexes = [
            models.Index(fields=["wallet", "occurred_at", "id"], name="transaction_by_wallet"),
            models.Index(
                fields=["source_id"],
                name="transaction_by_source",
                condition=Q(source_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} ({self.pk})"


class Posting(models.Model):
    """One leg of a transaction; the legs of each sum to 0.

    The member's accounts are `available`, `pending`, `held`, `debt`; the programme's are
    `issuance:<funding source>`, `redemption`, `breakage`, `adjustment`, `opening`, `payout`, and
    `transfer`, through which points pass from wallet to wallet and whose total is 0.
    """

    append_only = True

    pk = models.CompositePrimaryKey("transaction_id", "account")
    transaction = models.ForeignKey(
        Transaction, models.DO_NOTHING, related_name="postings", db_constraint=False, db_index=False
    )
    account = models.TextField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="posting_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+d}"


class Lot(models.Model):
    """What one grant put into a wallet, and what is left of it."""

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, related_name="lots", db_constraint=False, db_index=False
    )
    transaction = models.ForeignKey(
        Transaction, models.DO_NOTHING, related_name="lots", db_constraint=False, db_index=False
    )
    granted = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)
    is_mature = models.BooleanField()
    granted_at = models.DateTimeField()
    # None: granted for an order that is not completed yet; pending until that says when (ADR 0051).
    matures_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # `90 4 Asia/Shanghai`: ends after 90 days without activity, days that begin at 4 there. None: a
    # lot whose end stands.
    idle_rule = models.TextField(null=True)
    funding_source = models.ForeignKey(
        FundingSource, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    unit_cost_micros = models.BigIntegerField(default=0)
    source_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, held__gte=0, expired__gte=0)
                & Q(granted__gte=F("remaining") + F("held")),
                name="lot_never_holds_more_than_granted",
            ),
            models.CheckConstraint(
                condition=Q(is_mature=False) | Q(matures_at__isnull=False),
                name="mature_lot_has_matured_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["wallet", "expires_at", "granted_at"],
                name="lot_open",
                condition=Q(remaining__gt=0) | Q(held__gt=0),
            ),
            models.Index(
                fields=["source_id"], name="lot_by_source", condition=Q(source_id__isnull=False)
            ),
            models.Index(fields=["transaction"], name="lot_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.granted} ({self.pk})"


class LotConsumption(models.Model):
    """How much a transaction drew from a lot; negative when a return put it back."""

    append_only = True

    pk = models.CompositePrimaryKey("transaction_id", "lot_id")
    transaction = models.ForeignKey(
        Transaction,
        models.DO_NOTHING,
        related_name="consumptions",
        db_constraint=False,
        db_index=False,
    )
    lot = models.ForeignKey(
        Lot, models.DO_NOTHING, related_name="consumptions", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    reverses_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_consumption"
        indexes = [
            models.Index(fields=["lot"], name="consumption_by_lot"),
            models.Index(
                fields=["reverses_id"],
                name="consumption_by_reversal",
                condition=Q(reverses_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} from lot {self.lot_id}"


class Hold(models.Model):
    """Points set aside for a while: captured, released, or released by running out."""

    class Status(models.TextChoices):
        OPEN = "open"
        CAPTURED = "captured"
        RELEASED = "released"
        TIMED_OUT = "timed_out"

    id = models.UUIDField(primary_key=True, default=new_id)
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, related_name="holds", db_constraint=False, db_index=False
    )
    points = models.BigIntegerField()
    reference = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="hold_holds_something"),
        ]
        indexes = [
            models.Index(
                fields=["wallet", "expires_at"], name="hold_open", condition=Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} {self.status}"


class HoldPart(models.Model):
    """How much of a hold lies on which lot."""

    pk = models.CompositePrimaryKey("hold_id", "lot_id")
    hold = models.ForeignKey(
        Hold, models.DO_NOTHING, related_name="parts", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.amount} on lot {self.lot_id}"


class WalletWalk(models.Model):
    """A piece of work on many wallets, in order of their ids, that goes on where it stopped.

    `key` says what it is for, so that it is begun once; `after_wallet_id` is the last one done.
    """

    class Purpose(models.TextChoices):
        NOTICES = "notices"
        EXTENSION = "extension"

    id = models.UUIDField(primary_key=True, default=new_id)
    purpose = models.CharField(max_length=9, choices=Purpose.choices)
    key = models.TextField()
    details = models.JSONField(default=dict)
    after_wallet_id = models.BigIntegerField(default=0)
    wallets = models.BigIntegerField(default=0)
    lots = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    actor = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="walk_is_begun_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}"


class ExpiryNotice(models.Model):
    """A member was told, `days` before, that points end on a local day; once for ever."""

    pk = models.CompositePrimaryKey("wallet_id", "expires_date", "days")
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    expires_date = models.DateField()
    days = models.SmallIntegerField()
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.expires_date} told {self.days} days before"
