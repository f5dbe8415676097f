"""Members get the birthday gift of their tier, once a year, on the local day.

Beside what rules give for `member.birthday`: the gift belongs to the tier the member stands on when
the job finds the day.
"""

import uuid
from datetime import datetime

from django.db import transaction

from kernel.db import ask, connection
from points.earning import actions as earning
from points.earning.awards import Origin, granting_of, plain_award
from points.earning.queries import RuleSet, ask_rules
from points.flows.occasions import birthdays_kept_on
from points.program.queries import ActiveProgram, ask_program
from points.tiers.queries import benefits_of, get_benefits, list_tiers

BATCH = 200
SOURCE = "birthday_tier"


def give_birthday_gifts(*, at: datetime, limit: int = BATCH) -> int:
    """Give today's gifts that were not given yet, in batches of `limit` members; how many.

    One query while no tier gives any.
    """
    program, rules = ask(ask_program(), ask_rules())
    if not program.settings.tiers.is_on:
        return 0
    if not any(benefits_of(tier=tier).birthday_points for tier in list_tiers()):
        return 0
    given, after = 0, uuid.UUID(int=0)
    while found := _celebrating(program, at, after, limit):
        with transaction.atomic():
            given += _give(found, program, rules, at)
        after = found[-1]
    return given


def _give(members: list[uuid.UUID], program: ActiveProgram, rules: RuleSet, at: datetime) -> int:
    day = program.calendar.day_of(at)
    benefits = get_benefits(member_ids=members, program=program)
    granting = granting_of(program, rules)
    grants = [
        plain_award(
            Origin(
                member=member, key=f"birthday:{member}",
                occurred_at=program.calendar.start_of(day), source_type=SOURCE, source_id=member,
                reference=str(day.year),
            ), benefits[member].birthday_points, str(day.year), granting,
        )
        for member in members
        if member in benefits and benefits[member].birthday_points
    ]  # fmt: skip
    return sum(one.is_new for one in earning.award(items=grants, at=at, actor="job"))


def _celebrating(
    program: ActiveProgram, at: datetime, after: uuid.UUID, limit: int
) -> list[uuid.UUID]:
    """Members whose birthday it is and who got no gift this year, under no name they had."""
    day = program.calendar.day_of(at)
    days = birthdays_kept_on(day)
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.id from members_member m"
            " where (extract(month from m.birthday), extract(day from m.birthday))"
            "   in (select * from unnest(%s::int[], %s::int[])) and m.id > %s"
            " and m.merged_into_id is null and m.erased_at is null and not exists (select 1"
            "  from ledger_transaction t where t.source_type = %s and t.reference = %s"
            "  and t.wallet_id in (select ledger_wallets_of(m.id, 'points')))"
            " order by m.id limit %s",
            [[m for m, _ in days], [d for _, d in days], after, SOURCE, str(day.year), limit],
        )
        return [member for (member,) in cursor.fetchall()]
