"""What staff accounts refuse."""

from django.utils.translation import gettext_lazy

from kernel.api.problems import InvalidBody
from kernel.errors import DomainError


class WrongCredentials(DomainError):
    code, status = "users.wrong_credentials", 400
    message = gettext_lazy("The e-mail address or the password is wrong.")


class EmailTaken(DomainError):
    code, status = "users.email_taken", 409
    message = gettext_lazy("There is an account with this e-mail address already.")


class NoMembership(DomainError):
    code, status = "users.no_membership", 403
    message = gettext_lazy("This account does not work for this shop.")


class PasswordRefused(InvalidBody):
    """Names the field, as any other invalid one; `reason` says everything that is wrong with it."""

    code = "users.password_refused"
    message = gettext_lazy("%(reason)s")
