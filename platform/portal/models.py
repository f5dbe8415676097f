"""Someone who wants a shop, until there is one. Public schema."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from kernel.ids import new_id
from tenants.models import Merchant

RESERVED_FOR = timedelta(hours=24)


class Signup(models.Model):
    """One sign-up: it holds an address for a day, until the e-mail address is confirmed.

    There is no user before that. What a stranger typed cannot take over an account: see
    `actions.verify_signup`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(max_length=254)
    # Of the account to be made; of an existing account when its password was given; else empty.
    password_hash = models.CharField(max_length=200, blank=True)
    merchant = models.OneToOneField(Merchant, models.CASCADE, related_name="signup")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="signups"
    )
    code_hash = models.CharField(max_length=64, blank=True)
    code_due_at = models.DateTimeField(null=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.SmallIntegerField(default=0)
    codes_asked = models.SmallIntegerField(default=1)
    send_failures = models.SmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["code_due_at"],
                name="signup_code_is_due",
                condition=models.Q(code_due_at__isnull=False),
            ),
            models.Index(
                fields=["created_at"],
                name="signup_is_unverified",
                condition=models.Q(verified_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verified_at__isnull=True) | models.Q(password_hash=""),
                name="signup_forgets_the_password_hash",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def is_expired(self, at: datetime) -> bool:
        """Whether its day is over without a confirmation."""
        return self.verified_at is None and self.created_at + RESERVED_FOR <= at
