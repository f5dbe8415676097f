"""Paying at the counter or by bank transfer: the shop's staff see the money and say so.

There is nobody to ask, so what is known is told by whoever keeps it: our own tables.
"""

from points.shop.payments.provider import Begun, PaymentToBegin, ProviderPayment, ProviderRefund


class OfflineProvider:
    """`known`: the payment as our tables have it; without it, one that nobody has confirmed."""

    code = "offline"

    def __init__(self, known: ProviderPayment | None = None) -> None:
        self._known = known

    def begin(self, asked: PaymentToBegin) -> Begun:
        """Nothing to visit, no end of its own: the order's deadline is the shop's business."""
        return Begun(provider_id=f"offline:{asked.payment_id}", url=None, expires_at=None)

    def read(self, provider_id: str, account: str) -> ProviderPayment:
        """What was told, else open."""
        return self._known or ProviderPayment(
            provider_id=provider_id, status="open", paid_cents=0, currency="", paid_at=None,
            refunds=(), disputed_cents=0, url=None,
        )  # fmt: skip

    def refund(
        self, *, provider_id: str, account: str, amount_cents: int, reference: str
    ) -> ProviderRefund:
        """Handed back by whoever presses the button: done as it is noted."""
        return ProviderRefund(
            provider_id=f"offline:{reference}", status="succeeded", amount_cents=amount_cents,
            reference=reference, reason="",
        )  # fmt: skip

    def close(self, provider_id: str, account: str) -> ProviderPayment:
        """One that was confirmed stays paid; any other will not be taken any more."""
        known = self.read(provider_id, account)
        if known.status == "paid":
            return known
        return ProviderPayment(
            provider_id=provider_id, status="closed", paid_cents=0, currency=known.currency,
            paid_at=None, refunds=known.refunds, disputed_cents=0, url=None,
        )  # fmt: skip
