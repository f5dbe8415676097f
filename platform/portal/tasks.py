"""Platform tasks: codes on their way, and sign-ups nobody confirmed."""

from datetime import UTC, datetime
from uuid import UUID

from celery import shared_task

from portal import actions
from portal.models import RESERVED_FOR, Signup


@shared_task(platform=True, time_limit=60)
def send_code(signup_id: str) -> bool:
    """Send one sign-up's code, if it is still due."""
    return actions.send_code(signup_id=UUID(signup_id), at=datetime.now(UTC))


@shared_task(platform=True, time_limit=300)
def send_waiting_codes() -> int:
    """Send what is due and was not sent: the mail server or the broker failed, a worker died."""
    at = datetime.now(UTC)
    waiting = Signup.objects.filter(
        code_due_at__lte=at, verified_at=None, created_at__gt=at - RESERVED_FOR
    )
    due = list(waiting.order_by("code_due_at").values_list("pk", flat=True)[:100])
    return sum(actions.send_code(signup_id=signup_id, at=at) for signup_id in due)


@shared_task(platform=True, time_limit=300)
def forget_expired_signups() -> int:
    """Free the addresses that were reserved for nothing."""
    return actions.forget_expired_signups(at=datetime.now(UTC))
