"""What the ledger refuses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class InsufficientPoints(DomainError):
    code = "ledger.insufficient_points"
    message = gettext_lazy("Points needed: %(needed)s; available: %(available)s.")


class KeyConflict(DomainError):
    code = "ledger.conflict"
    message = gettext_lazy("The same source key was posted before with other contents.")


class HoldNotFound(DomainError):
    code, status = "ledger.hold_not_found", 404
    message = gettext_lazy("There is no such hold.")


class HoldNotOpen(DomainError):
    code = "ledger.hold_not_open"
    message = gettext_lazy("The hold is %(status)s; it can no longer be changed.")


class FundingSourceNotFound(DomainError):
    code, status = "ledger.funding_source_not_found", 404
    message = gettext_lazy("There is no funding source %(code)s.")


class FundingSourceTaken(DomainError):
    code = "ledger.funding_source_taken"
    message = gettext_lazy("There is a funding source %(code)s already.")


class TransfersClosed(DomainError):
    code = "ledger.transfers_closed"
    message = gettext_lazy("This shop does not let members give points away.")


class TransferToOneself(DomainError):
    code = "ledger.transfer_to_oneself"
    message = gettext_lazy("Sender and receiver are the same member.")


class TransferTooSmall(DomainError):
    code = "ledger.transfer_too_small"
    message = gettext_lazy("The fewest points to give away at a time: %(smallest)s.")


class TransferTooLarge(DomainError):
    code = "ledger.transfer_too_large"
    message = gettext_lazy("The most points to give away at a time: %(largest)s.")


class TransferLimitReached(DomainError):
    """`period` is `day` or `month`; `left` points can still be given away in it."""

    code = "ledger.transfer_limit_reached"
    message = gettext_lazy("Points that can still be given away for now: %(left)s of %(limit)s.")


class ReceiverUnknown(DomainError):
    """What names the receiver of a transfer is not, or no longer, what a look-up answered."""

    code = "ledger.receiver_unknown"
    message = gettext_lazy("Look the receiver up once more.")


class ReturnTooLarge(DomainError):
    code = "ledger.return_too_large"
    message = gettext_lazy("Only %(returnable)s of these points can still be returned.")


class ExtensionTooEarly(DomainError):
    code, status = "ledger.extension_too_early", 400
    message = gettext_lazy("%(until)s has passed; an extension ends later than now.")


class ExtensionNotFound(DomainError):
    code, status = "ledger.extension_not_found", 404
    message = gettext_lazy("There is no such extension.")
