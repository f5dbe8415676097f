"""Reads of what merchants have in the public schema."""

from uuid import UUID

from tenants.models import PaymentAccount


def get_payment_account(*, merchant_id: UUID, provider: str) -> PaymentAccount | None:
    """The account a merchant's new payments go to, whether or not it can take money yet."""
    return (
        PaymentAccount.objects.filter(merchant_id=merchant_id, provider=provider)
        .exclude(status=PaymentAccount.Status.DISCONNECTED)
        .first()
    )


def find_payment_account(*, provider: str, account_id: str) -> PaymentAccount | None:
    """Whose an account is, connected or not, with its merchant."""
    return (
        PaymentAccount.objects.select_related("merchant")
        .filter(provider=provider, account_id=account_id)
        .first()
    )
