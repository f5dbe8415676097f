"""What orders and refunds refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class OrderNotFound(DomainError):
    code, status = "orders.not_found", 404
    message = gettext_lazy("There is no such order.")


class OrderAmbiguous(DomainError):
    code = "orders.ambiguous"
    message = gettext_lazy("Several channels have an order with this number; name the channel.")


class OrderConflict(DomainError):
    code = "orders.conflict"
    message = gettext_lazy("This order was sent before with other contents.")


class RefundConflict(DomainError):
    code = "orders.refund_conflict"
    message = gettext_lazy("This refund was sent before with other contents.")


class CurrencyMismatch(DomainError):
    code, status = "orders.currency_mismatch", 400
    message = gettext_lazy("Orders of this shop are in %(expected)s, not %(given)s.")


class AmountsContradict(DomainError):
    code, status = "orders.amounts_contradict", 400
    message = gettext_lazy("Discount and points offset exceed the amount of the order.")


class EarnsTooMuch(DomainError):
    code, status = "orders.earns_too_much", 400
    message = gettext_lazy(
        "By the rules this order earns %(points)s points: more than can be kept."
    )


class LineRepeated(DomainError):
    code, status = "orders.line_repeated", 400
    message = gettext_lazy("The line %(line)s stands twice.")


class LineNotFound(DomainError):
    code, status = "orders.line_not_found", 400
    message = gettext_lazy("The order has no line %(line)s.")


class RefundTooLarge(DomainError):
    code = "orders.refund_too_large"
    message = gettext_lazy("Of %(line)s only %(refundable_cents)s can still be refunded.")


class HoldOfAnother(DomainError):
    code = "orders.hold_of_another"
    message = gettext_lazy("The hold belongs to another member.")


class ChargebackNotFound(DomainError):
    code, status = "orders.chargeback_not_found", 404
    message = gettext_lazy("The order has no chargeback with this number.")
