"""What the console refuses before anything is asked of the business."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class PermissionMissing(DomainError):
    code, status = "users.permission_missing", 403
    message = gettext_lazy("Your role, %(role)s, may not do this (%(permission)s).")
