"""The test cards, and what becomes of a payment with each: numbers as in Stripe's documentation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """`decline` is Stripe's decline code; `refund` how a refund of it goes."""

    number: str
    brand: str = "visa"
    decline: str = ""
    is_disputed: bool = False
    refund: str = "succeeded"
    is_delayed: bool = False

    @property
    def last4(self) -> str:
        """The end of the number, which receipts show."""
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242"),
        Card("5555555555554444", brand="mastercard"),
        Card("4000000000000002", decline="generic_decline"),
        Card("4000000000009995", decline="insufficient_funds"),
        Card("4000000000000259", is_disputed=True),
        # Refunds of these are under way for a while, then arrive, or come back.
        Card("4000000000007726", refund="pending"),
        Card("4000000000005126", refund="failing"),
    )
}
# No card: money that arrives days later, as with direct debits. The number of Stripe's test account.
DEBIT = Card("DE89370400440532013000", brand="sepa_debit", is_delayed=True)
# What the API takes in place of a number.
METHODS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


def find_card(number: str) -> Card | None:
    """The card of a number typed with or without blanks, of a `pm_card_…` word, or the debit."""
    plain = number.replace(" ", "")
    return DEBIT if plain == DEBIT.number else CARDS.get(METHODS.get(plain, plain))
