"""Members, their sign-in codes and sessions."""

from django.db import models
from django.db.models import Q

from kernel.ids import new_id


class Member(models.Model):
    """A customer of one merchant. `external_id` is the merchant's own number for the person."""

    id = models.UUIDField(primary_key=True, default=new_id)
    external_id = models.TextField()
    name = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    birthday = models.DateField(null=True)
    tags = models.JSONField(default=list)
    code = models.TextField(blank=True)
    # Public, unlike the code for the till: links and posters bear it (ADR 0075).
    referral_code = models.TextField(blank=True, default="", db_default="")
    locale = models.TextField(blank=True)
    joined_at = models.DateTimeField()
    # Sums of orders, kept by the order flows, so that lists need not add up.
    orders_count = models.IntegerField(default=0)
    spent_cents = models.BigIntegerField(default=0)
    last_order_at = models.DateTimeField(null=True)
    # Values of the merchant's own fields by their code, as `MemberField` describes them.
    custom = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    email_consent_at = models.DateTimeField(null=True)
    profile_completed_at = models.DateTimeField(null=True)
    # The member who took over: never one who was merged himself, so that one step leads there.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", db_index=False
    )
    merged_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
                name="member_is_not_merged_into_itself",
            ),
            models.UniqueConstraint(fields=["external_id"], name="member_external_id_is_one"),
            models.UniqueConstraint(
                fields=["phone"], name="member_phone_is_one", condition=~Q(phone="")
            ),
            models.UniqueConstraint(
                fields=["email"], name="member_email_is_one", condition=~Q(email="")
            ),
            models.UniqueConstraint(
                fields=["code"], name="member_code_is_one", condition=~Q(code="")
            ),
            models.UniqueConstraint(
                fields=["referral_code"],
                name="member_referral_code_is_one",
                condition=~Q(referral_code=""),
            ),
        ]
        indexes = [
            models.Index(fields=["-joined_at", "-id"], name="member_by_joining"),
            models.Index(
                fields=["merged_into"], name="member_merged",
                condition=Q(merged_into__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.external_id


class MemberIdentity(models.Model):
    """What a channel calls a member. `Member.external_id` is the number in the channel `api`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    member = models.ForeignKey(Member, models.CASCADE, related_name="identities")
    channel = models.TextField()
    external_id = models.TextField()
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "member identities"
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "channel"], name="identity_belongs_to_one_member"
            ),
            models.CheckConstraint(
                condition=~Q(channel="api"), name="identity_of_the_api_is_the_external_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.external_id}"


class MemberField(models.Model):
    """A field the merchant adds to its members' profiles."""

    class Kind(models.TextChoices):
        TEXT = "text"
        WHOLE = "whole"
        DATE = "date"
        CHOICE = "choice"
        BOOLEAN = "boolean"

    class Editor(models.TextChoices):
        """Who may change the value; staff always may."""

        STAFF = "staff"
        MEMBER = "member"

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    name_zh = models.TextField(blank=True)
    name_en = models.TextField(blank=True)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    # Of a choice: [{"code", "name_zh", "name_en"}].
    choices = models.JSONField(default=list)
    edited_by = models.CharField(max_length=6, choices=Editor.choices, default=Editor.STAFF)
    # Without it a profile is not complete.
    is_required = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="member_field_code_is_one"),
        ]

    def __str__(self) -> str:
        return self.code

    def name(self, language: str) -> str:
        """The name in a language, or in the other when it was not written."""
        first, second = self.name_zh, self.name_en
        return (first or second) if language.startswith("zh") else (second or first)


class SignInCode(models.Model):
    """A six-digit code sent to a phone or mailbox; only its keyed hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id)
    address = models.TextField()
    code_hash = models.BinaryField(max_length=32)
    attempts_left = models.SmallIntegerField(default=5)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address", "-created_at"], name="sign_in_code_by_address")]

    def __str__(self) -> str:
        return str(self.pk)


class MemberSession(models.Model):
    """A signed-in browser of a member; the cookie's token is kept only as a hash."""

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    member = models.ForeignKey(Member, models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"session of {self.member_id}"
