"""What the tier of who is looking does to the prices of the shop."""

import uuid

from points.program.queries import ActiveProgram
from points.tiers.calculations import Benefits
from points.tiers.queries import get_benefits


def benefits_for(*, member_id: uuid.UUID | None, program: ActiveProgram) -> Benefits:
    """The benefits of a member's tier; of a visitor, and of who is on no tier, those of nobody.

    Two queries; none for a visitor or while tiers are off.
    """
    if member_id is None:
        return Benefits()
    return get_benefits(member_ids=[member_id], program=program).get(member_id, Benefits())
