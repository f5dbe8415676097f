"""Staff or another system corrects a balance by hand: always with a reason (rules.md §13)."""

import uuid
from datetime import datetime

from django.db import transaction

from kernel.ids import new_id
from points.ledger import actions as ledger
from points.ledger import queries
from points.ledger.actions import Posted
from points.program.calculations import expires_at
from points.program.queries import get_program


@transaction.atomic
def adjust_points(
    *,
    member_id: uuid.UUID,
    points: int,
    reason: str,
    at: datetime,
    actor: str,
    funding_source: str | None = None,
) -> Posted:
    """Give points (positive) or take them (negative); a correction earns nothing for life.

    Given points are a lot of their own, spendable at once, that expires by the programme's policy
    and is paid for by the funding source (the merchant when none is named); they pay debt first.
    Taken points leave the lots in the order of spending. Raises InsufficientPoints (nothing has
    moved then) and FundingSourceNotFound.
    """
    adjustment = new_id()
    if points < 0:
        return ledger.spend(
            member=member_id, points=-points, key=f"adjustment:{adjustment}", at=at, actor=actor,
            kind="adjust", account="adjustment", source_type="adjustment", source_id=adjustment,
            note=reason,
        )  # fmt: skip
    program = get_program()
    payer = queries.get_funding_source(code=funding_source or "merchant")
    grant = ledger.Grant(
        member=member_id, amount=points, key=f"adjustment:{adjustment}", kind="adjust",
        account="adjustment", occurred_at=at, funding_source_id=payer.pk,
        unit_cost_micros=payer.unit_cost_micros, source_type="adjustment", source_id=adjustment,
        expires_at=expires_at(program.settings.expiry, at, program.calendar), note=reason,
    )  # fmt: skip
    return ledger.grant(grants=[grant], at=at, actor=actor)[0]
