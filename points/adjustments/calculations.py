"""When a second person is needed, and what counts against a person's day (rules.md §13)."""

from datetime import datetime, timedelta

from points.program.calculations import Adjustments


def needs_approval(points: int, rule: Adjustments) -> bool:
    """Whether so many points, given or taken, wait for a second person: above the limit, not at it."""
    return rule.approval_above_points is not None and abs(points) > rule.approval_above_points


def is_limited(actor: str) -> bool:
    """Whether the daily limit is this actor's: a person's, not another system's."""
    return actor.startswith("staff:")


def waits_until(asked_at: datetime, rule: Adjustments) -> datetime:
    """When a request nobody decided runs out: so many times 24 hours later."""
    return asked_at + timedelta(days=rule.request_days)
