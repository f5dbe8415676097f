"""What checkouts, shop orders and their refunds refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class CartEmpty(DomainError):
    code = "shop.cart_empty"
    message = gettext_lazy("There is nothing to check out.")


class LineTwice(DomainError):
    code, status = "shop.line_twice", 400
    message = gettext_lazy("The same article is named twice.")


class CouponNeedless(DomainError):
    code = "shop.coupon_needless"
    message = gettext_lazy("The coupon %(coupon)s would take nothing off here.")


class PointsBeyond(DomainError):
    code = "shop.points_beyond"
    message = gettext_lazy(
        "This checkout takes at most %(max_points)s points, in steps of %(step_points)s."
    )


class CashBeyond(DomainError):
    code = "shop.cash_beyond"
    message = gettext_lazy("The cash wallet can pay less than that here.")


class PriceChanged(DomainError):
    code = "shop.price_changed"
    message = gettext_lazy("Prices have changed since you looked; please check the sum again.")


class AddressMissing(DomainError):
    code = "shop.address_missing"
    message = gettext_lazy("Please say where the goods shall go.")


class PaymentMethodOff(DomainError):
    code = "shop.payment_method_off"
    message = gettext_lazy("This way of paying is not offered here.")


class ShopOrderNotFound(DomainError):
    code, status = "shop.order_not_found", 404
    message = gettext_lazy("There is no such order.")


class ShopOrderState(DomainError):
    """Its state does not allow this."""

    code = "shop.order_state"
    message = gettext_lazy("The state of this order (%(status)s) does not allow this.")


class PaymentTooLate(DomainError):
    code = "shop.payment_too_late"
    message = gettext_lazy("The time to pay for this order is over.")


class PaymentNotFound(DomainError):
    code, status = "shop.payment_not_found", 404
    message = gettext_lazy("There is no such payment.")


class PaymentState(DomainError):
    """Its state does not allow this."""

    code = "shop.payment_state"
    message = gettext_lazy("The state of this payment (%(status)s) does not allow this.")


class NothingToPay(DomainError):
    code = "shop.nothing_to_pay"
    message = gettext_lazy("Nothing is left to pay for this order.")


class RefundNotFound(DomainError):
    code, status = "shop.refund_not_found", 404
    message = gettext_lazy("There is no such refund request.")


class RefundState(DomainError):
    code = "shop.refund_state"
    message = gettext_lazy("The state of this refund (%(status)s) does not allow this.")


class RefundBeyond(DomainError):
    """More pieces than the order has left."""

    code = "shop.refund_beyond"
    message = gettext_lazy("Less than that is left of this line to give back.")


class RefundWindowClosed(DomainError):
    code = "shop.refund_window_closed"
    message = gettext_lazy("The time to give back goods of this order is over.")


class RefundOpen(DomainError):
    code = "shop.refund_open"
    message = gettext_lazy("A request for this order is still waiting for an answer.")
