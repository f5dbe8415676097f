"""What members' records and sign-in refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class MemberNotFound(DomainError):
    code, status = "members.not_found", 404
    message = gettext_lazy("There is no such member.")


class ExternalIdTaken(DomainError):
    code = "members.external_id_taken"
    message = gettext_lazy("A member with this external id exists.")


class PhoneTaken(DomainError):
    code = "members.phone_taken"
    message = gettext_lazy("Another member has this phone number.")


class EmailTaken(DomainError):
    code = "members.email_taken"
    message = gettext_lazy("Another member has this e-mail address.")


class AddressInvalid(DomainError):
    code, status = "members.address_invalid", 400
    message = gettext_lazy("Enter a phone number or an e-mail address.")


class CodeWrong(DomainError):
    code, status = "members.code_wrong", 400
    message = gettext_lazy("The code is not right. %(attempts_left)s tries are left.")


class CodeExpired(DomainError):
    code, status = "members.code_expired", 400
    message = gettext_lazy("The code has run out. Ask for a new one.")


class SmsNotAvailable(DomainError):
    code = "members.sms_not_available"
    message = gettext_lazy("This shop cannot send text messages. Use your e-mail address.")


class CodeNotSent(DomainError):
    code, status = "members.code_not_sent", 503
    message = gettext_lazy("The code could not be sent. Try again in a moment.")
