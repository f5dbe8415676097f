"""A member's tier, right to the second: a period that is over is reviewed before it is read."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from points.program.queries import ActiveProgram, get_program
from points.tiers import actions, queries
from points.tiers.models import TierMove
from points.tiers.queries import Ladder, Progress

LATEST = 20


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a member stands, the shop's ladder, and the latest moves, newest first."""

    program: ActiveProgram
    ladder: Ladder
    progress: Progress
    moves: list[TierMove]


def read_membership(*, member_id: uuid.UUID, at: datetime) -> Membership:
    """Six queries: programme, review, ladder, row, values, moves."""
    program = get_program()
    if program.settings.tiers.is_on:
        actions.reassess(members=[member_id], program=program, at=at, actor="clock")
    ladder = queries.list_tiers()
    progress = queries.get_progress(member_id=member_id, program=program, ladder=ladder, at=at)
    moves = queries.list_moves(member_id=member_id, limit=LATEST)
    return Membership(program, ladder, progress, moves)
