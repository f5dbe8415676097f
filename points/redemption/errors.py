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


class ItemContradicts(DomainError):
    """`field` of the item does not go with the rest of it."""

    code, status = "redemption.item_contradicts", 400
    message = gettext_lazy("This does not go with the rest of the item: %(field)s.")


class VariantNotFound(DomainError):
    code, status = "redemption.variant_not_found", 404
    message = gettext_lazy("There is no such variant of this item.")


class VariantNeeded(DomainError):
    code, status = "redemption.variant_needed", 400
    message = gettext_lazy("Choose a variant of this item first.")


class NotYourTier(DomainError):
    """`tiers`: codes of the tiers it is for."""

    code = "redemption.not_your_tier"
    message = gettext_lazy("This item is for members of other tiers.")


class NotYourSegment(DomainError):
    code = "redemption.not_your_segment"
    message = gettext_lazy("This item is for a group of members you do not belong to.")


class DeliveryNotOffered(DomainError):
    """`offered`: the ways there are, `ship` or `pickup`."""

    code, status = "redemption.delivery_not_offered", 400
    message = gettext_lazy("This item cannot be handed over that way.")


class AddressNeeded(DomainError):
    code, status = "redemption.address_needed", 400
    message = gettext_lazy("Say where to send it.")


class InsufficientCash(DomainError):
    """`needed` and `available` in minor units."""

    code = "redemption.insufficient_cash"
    message = gettext_lazy("There is not enough cash in the wallet.")


class PaymentNeeded(DomainError):
    """The money part (`price_cents`) and no way to pay it was named."""

    code, status = "redemption.payment_needed", 400
    message = gettext_lazy("Say how the money part is paid.")


class NotAwaitingPayment(DomainError):
    code = "redemption.not_awaiting_payment"
    message = gettext_lazy("This redemption is %(status)s and waits for no payment.")


class PaymentTooLate(DomainError):
    """The points that were held went back into the wallet and are not there any more."""

    code = "redemption.payment_too_late"
    message = gettext_lazy("The payment came too late for this redemption.")


class PaymentOver(DomainError):
    """No payment can begin any more."""

    code = "redemption.payment_over"
    message = gettext_lazy("The time to pay for this redemption is over.")


class AlreadyDelivered(DomainError):
    """`kind`: what was delivered and cannot be taken back."""

    code = "redemption.already_delivered"
    message = gettext_lazy("What was redeemed has been handed out and cannot be taken back.")


class AskTheShop(DomainError):
    """Money was paid to the shop; it alone can give that back."""

    code = "redemption.ask_the_shop"
    message = gettext_lazy("The money part has been paid; please ask the shop to cancel this.")


class PickupCodeWrong(DomainError):
    code, status = "redemption.pickup_code_wrong", 404
    message = gettext_lazy("No redemption has this code.")


class NotForPickup(DomainError):
    """`why`: shipped, delivered or unpaid."""

    code = "redemption.not_for_pickup"
    message = gettext_lazy("This redemption is not handed over at the counter.")


class AlreadyHandedOver(DomainError):
    """`at`: when it was."""

    code = "redemption.already_handed_over"
    message = gettext_lazy("This was handed over already.")


class PickupOver(DomainError):
    """`until`: when it ended."""

    code = "redemption.pickup_over"
    message = gettext_lazy("The time to collect or use this is over.")


class NoCodesGiven(DomainError):
    code, status = "redemption.no_codes_given", 400
    message = gettext_lazy("There is no code in the list.")


class NotAGiftCodeItem(DomainError):
    code = "redemption.not_a_gift_code_item"
    message = gettext_lazy("Only items of the kind gift code have a list of codes.")
