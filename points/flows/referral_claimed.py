"""Somebody enters an invitation code, at joining or soon after. A code that is refused never keeps
anybody from joining; the attempt is noted with its reason (ADR 0075)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from kernel.errors import DomainError
from points.program.queries import ActiveProgram, get_program
from points.referral import actions, queries
from points.referral.actions import Entry
from points.referral.calculations import normalise_code
from points.referral.errors import CodeUnknown, NotAttributed, ReferralClosed
from points.referral.models import Referral


def takes_codes(program: ActiveProgram) -> bool:
    """Whether invitations count for anything here: rewards, or commission."""
    return program.settings.referral.is_on or program.settings.distribution.is_on


def join_by_code(
    *, member_id: uuid.UUID, code: str, source: str, at: datetime,
    device_hash: bytes | None = None, seen_here: Collection[uuid.UUID] = (),
) -> Referral | None:  # fmt: skip
    """A member has just joined with a code; None when it was refused, or nobody takes codes."""
    if not code:
        return None
    program = get_program()
    if not takes_codes(program):
        return None
    entry = Entry(
        member_id=member_id, code=normalise_code(code), source=source, device_hash=device_hash,
        seen_here=seen_here,
    )  # fmt: skip
    try:
        return actions.attribute(entry=entry, rule=program.settings.referral, at=at)
    except (NotAttributed, CodeUnknown) as refused:
        actions.note_refused(entry=entry, reason=_reason(refused), at=at)
    except DomainError:
        pass  # came by another code already, or is gone
    return None


def claim_code(
    *, member_id: uuid.UUID, code: str, at: datetime, device_hash: bytes | None = None,
    seen_here: Collection[uuid.UUID] = (),
) -> Referral:  # fmt: skip
    """A member enters a code after joining. Call it outside of a transaction: what is noted of a
    refusal must outlive it.

    Raises ReferralClosed, CodeUnknown, AlreadyReferred, NotAttributed, MemberMerged.
    """
    program = get_program()
    if not takes_codes(program):
        raise ReferralClosed()
    entry = Entry(
        member_id=member_id, code=normalise_code(code), source=Referral.Source.CLAIM,
        device_hash=device_hash, seen_here=seen_here,
    )  # fmt: skip
    try:
        return actions.attribute(entry=entry, rule=program.settings.referral, at=at)
    except NotAttributed as refused:
        actions.note_refused(entry=entry, reason=_reason(refused), at=at)
        raise


def _reason(refused: DomainError) -> str:
    return refused.code.removeprefix("referral.")


def can_claim(*, member_id: uuid.UUID, joined_at: datetime, orders: int, at: datetime) -> bool:
    """Whether a member could still enter a code. At most two queries."""
    program = get_program()
    rule = program.settings.referral
    if not takes_codes(program) or orders or (at - joined_at).days >= rule.claim_within_days:
        return False
    return queries.get_referral_of(member_id=member_id) is None
