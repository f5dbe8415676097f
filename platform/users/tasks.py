"""Platform tasks around staff accounts."""

from datetime import UTC, datetime

from celery import shared_task

from users import actions


@shared_task(platform=True, time_limit=300)
def forget_expired_sessions() -> int:
    """Browsers that were never signed out."""
    return actions.forget_expired_sessions(at=datetime.now(UTC))
