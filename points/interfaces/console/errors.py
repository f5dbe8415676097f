"""What the console refuses before anything is asked of the business."""

from django.utils.translation import gettext_lazy

from kernel.api.problems import CsrfFailed, NotSignedIn
from kernel.errors import DomainError
from users.errors import NoMembership


class PermissionMissing(DomainError):
    code, status = "console.permission_missing", 403
    message = gettext_lazy("Your role, %(role)s, may not do this (%(permission)s).")


# What every call for staff can be refused for, and every call that changes something.
READING: tuple[type[DomainError], ...] = (NotSignedIn, NoMembership, PermissionMissing)
CHANGING: tuple[type[DomainError], ...] = (*READING, CsrfFailed)
