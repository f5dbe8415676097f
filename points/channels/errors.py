"""What API keys refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class KeyMissing(DomainError):
    code, status = "channels.key_missing", 401
    message = gettext_lazy("Send an API key: Authorization: Bearer jf_…")


class KeyInvalid(DomainError):
    code, status = "channels.key_invalid", 401
    message = gettext_lazy("The API key is not valid here.")


class ScopeMissing(DomainError):
    code, status = "channels.scope_missing", 403
    message = gettext_lazy("The API key lacks the scope %(scope)s.")


class ScopeUnknown(DomainError):
    code, status = "channels.scope_unknown", 400
    message = gettext_lazy("There is no scope %(scope)s.")


class KeyNotFound(DomainError):
    code, status = "channels.key_not_found", 404
    message = gettext_lazy("There is no such API key.")
