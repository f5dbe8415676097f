"""What the portal refuses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class SignupNotFound(DomainError):
    code, status = "portal.signup_not_found", 404
    message = gettext_lazy("There is no such sign-up. It may be more than a day old.")


class SignupExpired(DomainError):
    code, status = "portal.signup_expired", 409
    message = gettext_lazy("This sign-up is more than a day old. Please start again.")


class AlreadyVerified(DomainError):
    code, status = "portal.already_verified", 409
    message = gettext_lazy("This e-mail address is confirmed already; no other code is needed.")


class CodeWrong(DomainError):
    code, status = "portal.code_wrong", 400
    message = gettext_lazy("This code is wrong. Tries left: %(attempts_left)s.")


class CodeUsedUp(DomainError):
    code, status = "portal.code_used_up", 400
    message = gettext_lazy("There were too many wrong codes. Ask for a new one.")


class CodeExpired(DomainError):
    code, status = "portal.code_expired", 400
    message = gettext_lazy("This code is no longer valid. Ask for a new one.")


class TooManyCodes(DomainError):
    code, status = "portal.too_many_codes", 409
    message = gettext_lazy("No more codes can be sent for this sign-up. Please start again.")


class PasswordNeeded(DomainError):
    code, status = "portal.password_needed", 409
    message = gettext_lazy(
        "This e-mail address has an account already. Enter the password of that account,"
        " and the new shop becomes yours."
    )
