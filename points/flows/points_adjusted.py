"""Staff or another system corrects a balance by hand: always with a reason, and above the
programme's limit only when a second person approves (rules.md §13, docs/concepts/audit.md)."""

import uuid
from datetime import datetime

from django.db import transaction

from points.adjustments import actions as adjustments
from points.adjustments.models import Adjustment
from points.ledger import actions as ledger
from points.ledger import queries
from points.ledger.actions import Posted
from points.members.actions import lock_member
from points.program.calculations import expires_at, idle_rule
from points.program.queries import ActiveProgram, get_program


@transaction.atomic
def adjust_points(
    *,
    member_id: uuid.UUID,
    points: int,
    reason: str,
    at: datetime,
    actor: str,
    actor_name: str = "",
    funding_source: str | None = None,
) -> Adjustment:
    """Give points (positive) or take them (negative); a correction earns nothing for life.

    Above the limit of the programme nothing moves yet: the answer has status `waiting`. Otherwise
    it is `executed`, by `transaction_id`.
    Given points are a lot of their own, spendable at once, that expires by the programme's policy
    and is paid for by the funding source (the merchant when none is named); they pay debt first.
    Taken points leave the lots in the order of spending. Raises DailyLimitReached,
    InsufficientPoints (nothing has moved then) and FundingSourceNotFound.
    """
    program = get_program()
    if funding_source:
        queries.get_funding_source(code=funding_source)
    row = adjustments.enter_adjustment(
        member_id=member_id, points=points, reason=reason, funding_source=funding_source or "",
        program=program, actor=actor, actor_name=actor_name, at=at,
    )  # fmt: skip
    if row.status == Adjustment.Status.WAITING:
        # No wallet is touched, so that nothing else would wait for a merge or an erasure.
        lock_member(member_id=member_id)
        return row
    posted = _post(row, program, at=at)
    return adjustments.store_executed(adjustment=row, transaction_id=posted.transaction_id)


@transaction.atomic
def approve_adjustment(
    *, adjustment_id: uuid.UUID, at: datetime, actor: str, actor_name: str = "", note: str = ""
) -> Adjustment:
    """A second person says yes: the points move now, once, and expire counted from now.

    Raises AdjustmentNotFound, AlreadyDecided, SamePerson, and InsufficientPoints: the request then
    waits on, and can be approved when there is enough.
    """
    row = adjustments.lock_waiting(adjustment_id=adjustment_id, actor=actor, at=at)
    adjustments.decide(adjustment=row, actor=actor, actor_name=actor_name, note=note, at=at)
    posted = _post(row, get_program(), at=at)
    return adjustments.store_executed(adjustment=row, transaction_id=posted.transaction_id)


def _post(row: Adjustment, program: ActiveProgram, *, at: datetime) -> Posted:
    """The posting, in the name of who asked; its key is the adjustment's, so that it is made once."""
    if row.points < 0:
        return ledger.spend(
            member=row.member_id, points=-row.points, key=f"adjustment:{row.pk}", at=at,
            actor=row.requested_by, kind="adjust", account="adjustment",
            source_type="adjustment", source_id=row.pk, note=row.reason,
        )  # fmt: skip
    payer = queries.get_funding_source(code=row.funding_source or "merchant")
    grant = ledger.Grant(
        member=row.member_id, amount=row.points, key=f"adjustment:{row.pk}", kind="adjust",
        account="adjustment", occurred_at=at, funding_source_id=payer.pk,
        unit_cost_micros=payer.unit_cost_micros, source_type="adjustment", source_id=row.pk,
        expires_at=expires_at(program.settings.expiry, at, program.calendar),
        idle_rule=idle_rule(program.settings.expiry, program.calendar), note=row.reason,
    )  # fmt: skip
    return ledger.grant(grants=[grant], at=at, actor=row.requested_by)[0]
