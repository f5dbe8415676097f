"""Why points moved: one plain sentence for each line of the ledger, in the language of now.

The sentences do not say "points": every merchant has a word of its own for them.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.language import in_language
from points.ledger.models import Kind, Transaction

# (kind, source type) → sentence; a kind alone (source type "") is for every other source.
_SENTENCES: dict[tuple[str, str], Promise] = {
    (Kind.OPENING, ""): _("Balance brought over"),
    (Kind.EARN, "order"): _("Order %(reference)s"),
    (Kind.EARN, "order bonus"): _("Order %(reference)s: %(note)s"),
    (Kind.EARN, "event"): _("%(note)s"),
    (Kind.EARN, "task"): _("%(note)s"),
    (Kind.EARN, "exchange"): _("Order %(reference)s: exchanged for something dearer"),
    (Kind.EARN, "checkin"): _("Checked in"),
    (Kind.EARN, "checkin_tier"): _("Checked in: extra for your tier"),
    (Kind.EARN, "birthday_tier"): _("Birthday gift of your tier"),
    (Kind.EARN, "milestone"): _("Checked in: %(reference)s days reached"),
    (Kind.EARN, "cash_exchange"): _("Exchanged into cash"),
    (Kind.EARN, "red_packet"): _("Red packet: %(note)s"),
    (Kind.EARN, "cash_grant"): _("%(note)s"),
    (Kind.EARN, "redemption"): _("Redeemed as cash: code %(reference)s"),
    (Kind.EARN, "referral"): _("A friend you invited placed the first order"),
    (Kind.EARN, "invited"): _("Welcome gift: your first order by invitation"),
    (Kind.EARN, "commission"): _("Commission on order %(reference)s"),
    (Kind.CLAWBACK, "commission"): _("Order %(reference)s: refund took back commission"),
    (Kind.EARN, ""): _("Earned"),
    (Kind.MATURE, ""): _("Waited for until now, usable from here on"),
    (Kind.SPEND, "redemption"): _("Redeemed: code %(reference)s"),
    (Kind.SPEND, "order"): _("Order %(reference)s: used to pay"),
    (Kind.SPEND, "cash_exchange"): _("Exchanged for cash"),
    (Kind.SPEND, "checkin"): _("Made up for a missed check-in"),
    (Kind.SPEND, ""): _("Used"),
    (Kind.HOLD, ""): _("Set aside for a payment"),
    (Kind.CAPTURE, "order"): _("Order %(reference)s: used to pay"),
    (Kind.CAPTURE, "redemption"): _("Redeemed: code %(reference)s"),
    (Kind.CAPTURE, ""): _("Used to pay"),
    (Kind.RELEASE, ""): _("No longer set aside"),
    (Kind.RELEASE, "timed_out"): _("No longer set aside: the time to pay ran out"),
    (Kind.REFUND_SPENT, "redemption"): _("Redemption %(reference)s cancelled: returned"),
    (Kind.REFUND_SPENT, "refund"): _("Order %(reference)s: refund returned what was used to pay"),
    (Kind.REFUND_SPENT, "exchange"): _(
        "Order %(reference)s: exchange returned part of what was used to pay"
    ),
    (Kind.REFUND_SPENT, "chargeback"): _(
        "Order %(reference)s: payment reversed, what was used to pay came back"
    ),
    (Kind.REFUND_SPENT, ""): _("Returned"),
    (Kind.CLAWBACK, "refund"): _("Order %(reference)s: refund took back what it had earned"),
    (Kind.CLAWBACK, "exchange"): _("Order %(reference)s: exchanged for something cheaper"),
    (Kind.CLAWBACK, "chargeback"): _(
        "Order %(reference)s: payment reversed by the bank, what it had earned was taken back"
    ),
    (Kind.CLAWBACK, "chargeback_won"): _(
        "Order %(reference)s: payment confirmed after all, what it had earned is back"
    ),
    (Kind.CLAWBACK, ""): _("Taken back"),
    (Kind.EXPIRE, "erasure"): _("Forfeited when the member's data was erased"),
    (Kind.EXPIRE, ""): _("Expired"),
    (Kind.SPEND, "chargeback_won"): _(
        "Order %(reference)s: payment confirmed after all, used to pay again"
    ),
    (Kind.ADJUST, "note"): _("Correction: %(note)s"),
    (Kind.ADJUST, ""): _("Correction"),
    (Kind.TRANSFER_OUT, "merge"): _("Two memberships became one: carried over from here"),
    (Kind.TRANSFER_IN, "merge"): _("Two memberships became one: brought over"),
    (Kind.TRANSFER_OUT, ""): _("Given to another member"),
    (Kind.TRANSFER_IN, ""): _("Received from another member"),
    (Kind.DEBT_OFFSET, ""): _("Settled what was owed"),
    (Kind.PAYOUT, ""): _("Withdrawn"),
    (Kind.PAYOUT_RETURN, ""): _("Withdrawal returned"),
}
_OF_ORDER = ("order", "refund", "exchange", "chargeback", "chargeback_won")
_NEEDS_REFERENCE = (*_OF_ORDER, "redemption")


def reason(transaction: Transaction) -> str:
    """The sentence for one transaction, naming its order or redemption where there is one."""
    sentence = _SENTENCES.get((transaction.kind, _source(transaction)))
    if sentence is None:
        sentence = _SENTENCES[transaction.kind, ""]
    note = in_language(transaction.note)
    return str(sentence) % {"reference": transaction.reference, "note": note}


def order_of(transaction: Transaction) -> str | None:
    """The merchant's number of the order behind a transaction, if there is one."""
    is_of_order = transaction.source_type in _OF_ORDER
    return transaction.reference or None if is_of_order else None


def _source(transaction: Transaction) -> str:
    """What tells the sentences of one kind apart."""
    if transaction.kind == Kind.RELEASE:
        return transaction.note
    if transaction.kind == Kind.ADJUST:
        return "note" if transaction.note else ""
    if transaction.source_type == "cash_grant" and not transaction.note:
        return ""
    if transaction.source_type in _NEEDS_REFERENCE and not transaction.reference:
        return ""
    if transaction.kind == Kind.EARN and transaction.source_type == "order" and transaction.note:
        return "order bonus"
    return transaction.source_type
