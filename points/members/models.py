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
    locale = models.TextField(blank=True)
    joined_at = models.DateTimeField()
    # Sums of orders, kept by the order flows, so that lists need not add up.
    orders_count = models.IntegerField(default=0)
    spent_cents = models.BigIntegerField(default=0)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
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
        ]
        indexes = [models.Index(fields=["-joined_at", "-id"], name="member_by_joining")]

    def __str__(self) -> str:
        return self.external_id


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
