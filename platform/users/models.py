"""Staff users and their sessions. Public schema."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

from kernel.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address, compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works for a merchant or for the platform."""

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    locale = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    email_verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="user_email_is_one_persons"),
        ]

    def __str__(self) -> str:
        return self.email


class StaffSession(AbstractBaseSession):
    """A signed-in browser of a staff user, valid on one scope (the platform or one merchant)."""

    session_key = models.CharField(max_length=40, primary_key=True)
    scope = models.CharField(max_length=40)

    objects: ClassVar[Any] = BaseSessionManager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = []

    @classmethod
    def get_session_store_class(cls) -> type:
        from users.sessions import SessionStore  # noqa: PLC0415 - the store imports this model

        return SessionStore
