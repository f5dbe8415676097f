"""What members' records and sign-in refuse."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
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


class MemberErased(DomainError):
    code = "members.erased"
    message = gettext_lazy("This member's data was erased; nothing can be added to it.")


class MemberMerged(DomainError):
    """Somebody merged the member while this was being done; sent again it reaches the survivor."""

    code = "members.merged"
    message = gettext_lazy("The member was just merged into another. Try again.")


class MergeIntoItself(DomainError):
    code = "members.merge_into_itself"
    message = gettext_lazy("A member cannot be merged into itself.")


class MergedElsewhere(DomainError):
    code = "members.merged_elsewhere"
    message = gettext_lazy("This member was merged into another one before.")


class ErasureRefused(DomainError):
    """`points` are what the member still has, held and pending ones included."""

    code = "members.erasure_refused"
    message = gettext_lazy(
        "The member still has points (%(points)s) or open redemptions (%(open_redemptions)s)."
    )


class IdentityTaken(DomainError):
    code = "members.identity_taken"
    message = gettext_lazy("Another member has this number in the channel %(channel)s.")


class IdentityNotFound(DomainError):
    code, status = "members.identity_not_found", 404
    message = gettext_lazy("The member has no such identity.")


class IdentityOfApi(DomainError):
    code, status = "members.identity_of_api", 400
    message = gettext_lazy("In the channel api a member's number is its external_id.")


class FieldNotFound(DomainError):
    code, status = "members.field_not_found", 404
    message = gettext_lazy("There is no such field.")


class FieldTaken(DomainError):
    code = "members.field_taken"
    message = gettext_lazy("There is a field %(field)s already.")


class FieldContradicts(DomainError):
    """A definition that cannot be: a choice without choices, a field without a name."""

    code, status = "members.field_contradicts", 400
    message = gettext_lazy("The field %(field)s lacks a name, or choices that differ.")


class CustomInvalid(DomainError):
    """`expected` says what the field takes: its kind, or `known_field`."""

    code, status = "members.custom_invalid", 400
    message = gettext_lazy("The value of %(field)s is not right: %(expected)s is expected.")


class BirthdayFixed(DomainError):
    code = "members.birthday_fixed"
    message = gettext_lazy("A birthday is entered once. Ask the shop to correct it.")


def is_merged(error: DatabaseError) -> bool:
    """Whether a stored function refused because a member was merged meanwhile (JFM01)."""
    return getattr(error.__cause__, "pgcode", None) == "JFM01"


@contextmanager
def refusing_merged() -> Iterator[None]:
    """Turn what stored functions raise of merged members into MemberMerged."""
    try:
        yield
    except DatabaseError as error:
        if not is_merged(error):
            raise
        raise MemberMerged() from None
