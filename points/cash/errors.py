"""What the cash wallet refuses. All amounts in facts are minor units of the shop's currency."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class CashClosed(DomainError):
    code = "cash.closed"
    message = gettext_lazy("This shop does not exchange points for cash.")


class ExchangeUneven(DomainError):
    """`smallest` points at least, in steps of `step`."""

    code = "cash.exchange_uneven"
    message = gettext_lazy("At least %(smallest)s, in steps of %(step)s.")


class CapReached(DomainError):
    """`period`: member_day, member_month, shop_day or shop_total. `left_cents` still fit."""

    code = "cash.cap_reached"
    message = gettext_lazy("That is more than can be exchanged for now.")


class InsufficientCash(DomainError):
    code = "cash.insufficient"
    message = gettext_lazy("There is not enough cash in the wallet.")


class RedPacketNotFound(DomainError):
    code, status = "cash.red_packet_not_found", 404
    message = gettext_lazy("There is no such red packet.")


class RedPacketUneven(DomainError):
    code, status = "cash.red_packet_uneven", 400
    message = gettext_lazy(
        "The sum is too small for %(shares)s shares: each is one minor unit at least."
    )


class RedPacketIncomplete(DomainError):
    code, status = "cash.red_packet_incomplete", 400
    message = gettext_lazy("A red packet needs a greeting in at least one language.")


class RedPacketTooShort(DomainError):
    code, status = "cash.red_packet_too_short", 400
    message = gettext_lazy("A red packet ends later than now.")


class RedPacketEmpty(DomainError):
    code = "cash.red_packet_empty"
    message = gettext_lazy("Too late: all shares are taken.")


class RedPacketOver(DomainError):
    code = "cash.red_packet_over"
    message = gettext_lazy("This red packet is over.")


class RedPacketTaken(DomainError):
    code = "cash.red_packet_taken"
    message = gettext_lazy("You have taken your share already.")


class RedPacketNotForYou(DomainError):
    code, status = "cash.red_packet_not_for_you", 403
    message = gettext_lazy("This red packet is for other members.")


class AudienceUnknown(DomainError):
    code, status = "cash.audience_unknown", 400
    message = gettext_lazy("There is no such tier or segment.")


class WithdrawalsClosed(DomainError):
    code = "cash.withdrawals_closed"
    message = gettext_lazy("This shop does not pay out cash.")


class WithdrawalTooSmall(DomainError):
    code = "cash.withdrawal_too_small"
    message = gettext_lazy("That is less than the smallest withdrawal.")


class WithdrawalLimitReached(DomainError):
    """`left_cents` can still be withdrawn today."""

    code = "cash.withdrawal_limit_reached"
    message = gettext_lazy("That is more than can be withdrawn today.")


class PayeeIncomplete(DomainError):
    """`field`: name or account."""

    code, status = "cash.payee_incomplete", 400
    message = gettext_lazy("Say whom and where to pay: a name and an account.")


class PayeeAccountInvalid(DomainError):
    """The account cannot be one at the provider that pays."""

    code, status = "cash.payee_account_invalid", 400
    message = gettext_lazy("That is no Stripe account: its number begins with acct_.")


class WithdrawalUneven(DomainError):
    """The provider pays in steps of `step_cents`."""

    code = "cash.withdrawal_uneven"
    message = gettext_lazy("The provider cannot pay this sum to the last digit.")


class WithdrawalNotFound(DomainError):
    code, status = "cash.withdrawal_not_found", 404
    message = gettext_lazy("There is no such withdrawal.")


class WithdrawalNotOpen(DomainError):
    code = "cash.withdrawal_not_open"
    message = gettext_lazy("The withdrawal is %(status)s; this is no longer possible.")


class SamePerson(DomainError):
    code, status = "cash.same_person", 403
    message = gettext_lazy("Who asked for a withdrawal cannot approve it; a second person must.")


class NotPaidByHand(DomainError):
    """The provider (`provider`) pays this one and says so itself."""

    code = "cash.not_paid_by_hand"
    message = gettext_lazy("This withdrawal is paid by a provider and not by hand.")


class ReferenceTaken(DomainError):
    code = "cash.reference_taken"
    message = gettext_lazy("Another withdrawal was paid under this reference already.")


class ProviderNotSet(DomainError):
    code = "cash.provider_not_set"
    message = gettext_lazy("The account at the payout provider is not set up.")


class ProviderRefused(DomainError):
    """`field` of the account that cannot be used."""

    code, status = "cash.provider_refused", 400
    message = gettext_lazy("These details of the account cannot be used: %(field)s.")


class NotificationInvalid(DomainError):
    code, status = "cash.notification_invalid", 401
    message = gettext_lazy("The notification is not signed by the provider.")


class StatementUnreadable(DomainError):
    """`line` of the file that cannot be read, the heading being the first."""

    code, status = "cash.statement_unreadable", 400
    message = gettext_lazy(
        "Line %(line)s of the statement cannot be read; the columns are reference, amount, status."
    )


class ErasureMustWait(DomainError):
    code = "cash.erasure_must_wait"
    message = gettext_lazy("A withdrawal is being paid out; erase the member when it is done.")
