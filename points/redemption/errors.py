"""What the points mall refuses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class ItemNotFound(DomainError):
    code, status = "redemption.item_not_found", 404
    message = gettext_lazy("There is no such item.")


class NotOnSale(DomainError):
    code = "redemption.not_on_sale"
    message = gettext_lazy("This item cannot be redeemed now.")


class OutOfStock(DomainError):
    code = "redemption.out_of_stock"
    message = gettext_lazy("This item is sold out.")


class LimitReached(DomainError):
    code = "redemption.limit_reached"
    message = gettext_lazy("You can redeem this item at most %(limit)s times.")


class RedemptionNotFound(DomainError):
    code, status = "redemption.not_found", 404
    message = gettext_lazy("There is no such redemption.")


class NotCancellable(DomainError):
    code = "redemption.not_cancellable"
    message = gettext_lazy("This redemption is %(status)s and can no longer be cancelled.")


class NotFulfillable(DomainError):
    code = "redemption.not_fulfillable"
    message = gettext_lazy("This redemption is %(status)s and cannot be fulfilled.")


class ItemIncomplete(DomainError):
    code, status = "redemption.item_incomplete", 400
    message = gettext_lazy("An item needs a title in at least one language.")
