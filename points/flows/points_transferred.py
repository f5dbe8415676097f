"""A member gives points to another, within the bounds the programme sets (rules.md §13)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from kernel import limits
from points.ledger import transfers as ledger
from points.ledger.errors import (
    TransfersClosed,
    TransferTooLarge,
    TransferToOneself,
    TransferTooSmall,
)
from points.ledger.queries import get_balance
from points.members.errors import MemberNotFound
from points.members.models import Member
from points.members.queries import find_by_phone_or_code
from points.program.calculations import Transfers
from points.program.queries import ActiveProgram, get_program

# Receivers one member, and one place, may look up: enough for a family, too few to try out numbers.
LOOK_UPS = limits.Rule("transfer-receiver", 10, 3600)
LOOK_UPS_FROM_PLACE = limits.Rule("transfer-receiver-place", 60, 3600)


@dataclass(frozen=True, slots=True)
class Transferred:
    """What was done: the transfer's own id, and the sender's transaction."""

    id: uuid.UUID
    transaction_id: int
    points: int


def transfer_points(
    *,
    sender: uuid.UUID,
    receiver: uuid.UUID,
    points: int,
    transfer_id: uuid.UUID,
    at: datetime,
    actor: str,
) -> Transferred:
    """Move points from wallet to wallet: two statements, the programme and the transfer.

    The day and the month are those of the shop. Raises TransfersClosed, TransferToOneself,
    TransferTooSmall, TransferTooLarge, TransferLimitReached, InsufficientPoints; nothing has moved then.
    """
    program = get_program()
    rule = program.settings.transfers
    if not rule.enabled:
        raise TransfersClosed()
    if sender == receiver:
        raise TransferToOneself()
    _check_bounds(rule, points)
    posted = ledger.transfer(
        sender=sender, receiver=receiver, points=points, transfer_id=transfer_id, at=at,
        actor=actor, limits=_limits(program, at),
    )  # fmt: skip
    return Transferred(transfer_id, posted.transaction_id, points)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member may give away now: the least and the most in one transfer, and what the day
    and the month still allow (None: as much as wanted)."""

    is_open: bool
    available: int
    min_points: int
    max_points: int
    left_today: int | None
    left_this_month: int | None


def get_terms(*, member: uuid.UUID, at: datetime) -> Terms:
    """The programme's bounds as they stand for a member: three queries."""
    program = get_program()
    rule = program.settings.transfers
    available = get_balance(member=member, at=at).available
    set_limits = _limits(program, at)
    given = ledger.given_away(member=member, since=[limit.since for limit in set_limits])
    left = {
        limit.period: max(0, limit.points - sent)
        for limit, sent in zip(set_limits, given, strict=True)
    }
    most = [available, *left.values(), *([rule.max_points] if rule.max_points else [])]
    return Terms(
        is_open=rule.enabled, available=available, min_points=rule.min_points,
        max_points=min(most) if rule.enabled else 0,
        left_today=left.get("day"), left_this_month=left.get("month"),
    )  # fmt: skip


def find_receiver(*, sender: uuid.UUID, text: str, place: str) -> Member:
    """The member with this phone number or code, for somebody who wants to give points.

    `place` is the caller's network address; look-ups are counted whether or not they find anybody,
    so that numbers cannot be tried out. Raises TransfersClosed, RateLimited, MemberNotFound,
    TransferToOneself.
    """
    if not get_program().settings.transfers.enabled:
        raise TransfersClosed()
    limits.hit(LOOK_UPS, str(sender))
    limits.hit(LOOK_UPS_FROM_PLACE, place)
    found = find_by_phone_or_code(text=text)
    if found is None:
        raise MemberNotFound()
    if found.pk == sender:
        raise TransferToOneself()
    return found


def _check_bounds(rule: Transfers, points: int) -> None:
    if points < rule.min_points:
        raise TransferTooSmall(smallest=rule.min_points)
    if rule.max_points is not None and points > rule.max_points:
        raise TransferTooLarge(largest=rule.max_points)


def _limits(program: ActiveProgram, at: datetime) -> list[ledger.Limit]:
    """What may be given away in the local day and month of this moment."""
    rule, calendar = program.settings.transfers, program.calendar
    today = calendar.day_of(at)
    periods = (
        ("day", today, rule.max_points_per_day),
        ("month", today.replace(day=1), rule.max_points_per_month),
    )
    return [
        ledger.Limit(period, calendar.start_of(first), points)
        for period, first, points in periods
        if points is not None
    ]
