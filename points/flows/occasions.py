"""What happens inside Jifen and may earn: somebody joined, has a birthday, checked in.

Each is an event like those that other systems tell, under a key of its own, so that it counts once
and is explained alike. A merchant without a rule for it pays nothing: no row is written.
"""

import uuid
from calendar import isleap
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from django.db import transaction

from kernel.db import ask, connection
from kernel.ids import new_id
from points.earning import actions as earning
from points.earning.actions import EventRecord
from points.earning.awards import Award, Granting, Origin, granting_of, rule_award
from points.earning.evaluation import evaluation_of_rules
from points.earning.facts import MemberFacts
from points.earning.queries import ask_known_events, ask_rules, get_member_facts
from points.flows.events_received import judge_event
from points.members.errors import refusing_merged
from points.members.models import Member
from points.orders.calculations import source_key
from points.program.queries import ActiveProgram, ask_program

BATCH = 200
PROFILE = "member.profile_completed"


class Occurrence(msgspec.Struct, frozen=True):
    """One member's occasion; `key` tells it from others of its trigger, for ever."""

    member_id: uuid.UUID
    key: str
    occurred_at: datetime
    facts: Mapping[str, object] = {}


def happen(*, trigger: str, occurrences: Sequence[Occurrence], at: datetime, actor: str) -> int:
    """Let rules of this trigger give what they give; how many occasions were new.

    Call it in the transaction of what happened, as its only grants under rules. Known occasions
    are left out. Three round trips for any number; one when no rule has the trigger.
    """
    program, rules = ask(ask_program(), ask_rules())
    if trigger not in rules.triggers or not occurrences:
        return 0
    named = {f"{trigger}:{one.key}": one for one in occurrences}
    (known,) = ask(ask_known_events(ids=list(named)))
    facts = get_member_facts(
        members={one.member_id for one in occurrences}, rules=rules, triggers=[trigger],
        program=program, at=at,
    )  # fmt: skip
    granting = granting_of(program, rules)
    records, items = [], []
    for name, one in sorted(named.items()):
        if name not in known:
            record, awards = _plan(trigger, name, one, facts.get(one.member_id), granting, at)
            records.append(record)
            items += awards
    if records:
        earning.award(items=items, at=at, actor=actor)
        with refusing_merged():
            ask(earning.ask_to_record_events(records=records))
    return len(records)


def _plan(
    trigger: str, name: str, one: Occurrence, member: MemberFacts | None, granting: Granting,
    at: datetime,
) -> tuple[EventRecord, list[Award]]:  # fmt: skip
    event_id = new_id()
    judged = judge_event(trigger, one.occurred_at, one.facts, member, granting)
    origin = Origin(
        member=one.member_id, key=source_key("event", name), occurred_at=one.occurred_at,
        source_type="event", source_id=event_id, reference=trigger,
    )  # fmt: skip
    record = EventRecord(
        id=event_id, external_id=name, fingerprint="", type=trigger, member_id=one.member_id,
        properties={}, evaluation=evaluation_of_rules(judged), occurred_at=one.occurred_at,
        received_at=at,
    )  # fmt: skip
    return record, [rule_award(origin, j, granting) for j in judged if j.outcome == "planned"]


def joined(member_id: uuid.UUID, at: datetime) -> Occurrence:
    """Somebody joined: once in a life."""
    return Occurrence(member_id, str(member_id), at)


def find_occasions(*, at: datetime, limit: int = BATCH) -> int:
    """Registrations and profiles nobody has rewarded yet, and today's birthdays; at most `limit` of
    each. What happened before the first rule for it is left alone (ADR 0046).

    Members join in many ways, some of them a thousand at once; this finds whoever was left out.
    Returns how many were new: call it until that is 0.
    """
    program, rules = ask(ask_program(), ask_rules())
    done = 0
    if "member.registered" in rules.triggers:
        found = _newcomers(rules.first_moment("member.registered"), at, limit)
        done += happen(trigger="member.registered", occurrences=found, at=at, actor="job")
    if PROFILE in rules.triggers:
        found = _completed_profiles(rules.first_moment(PROFILE), at, limit)
        done += happen(trigger=PROFILE, occurrences=found, at=at, actor="job")
    if "member.birthday" in rules.triggers:
        found = _birthdays(program, at, limit)
        done += happen(trigger="member.birthday", occurrences=found, at=at, actor="job")
    return done


def _newcomers(since: datetime, at: datetime, limit: int) -> list[Occurrence]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.id, m.joined_at from members_member m"
            " where m.joined_at between %s and %s and m.merged_into_id is null"
            " and m.erased_at is null and not exists (select 1"
            "  from earning_earningevent e where e.external_id = 'member.registered:' || m.id)"
            " order by m.joined_at, m.id limit %s",
            [since, at, limit],
        )
        return [joined(member, moment) for member, moment in cursor.fetchall()]


def _completed_profiles(since: datetime, at: datetime, limit: int) -> list[Occurrence]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.id, m.profile_completed_at from members_member m"
            " where m.profile_completed_at between %s and %s and m.merged_into_id is null"
            " and m.erased_at is null and not exists (select 1 from earning_earningevent e"
            "  where e.external_id = 'member.profile_completed:' || m.id)"
            " order by m.profile_completed_at, m.id limit %s",
            [since, at, limit],
        )
        return [Occurrence(member, str(member), moment) for member, moment in cursor.fetchall()]


@transaction.atomic
def reward_profile(*, member: Member, at: datetime, actor: str) -> int:
    """What rules give for a profile that is complete: at once, and not with the next job.

    Call it behind the transaction that completed it: there the record is locked, and whoever earns
    locks the wallet first. Known before, or not complete, it gives nothing.
    """
    if member.profile_completed_at is None:
        return 0
    _, rules = ask(ask_program(), ask_rules())
    if PROFILE not in rules.triggers or member.profile_completed_at < rules.first_moment(PROFILE):
        return 0
    found = [Occurrence(member.pk, str(member.pk), member.profile_completed_at)]
    return happen(trigger=PROFILE, occurrences=found, at=at, actor=actor)


def birthdays_kept_on(day: date) -> list[tuple[int, int]]:
    """(month, day) of birth of those who celebrate on a local day."""
    days = [(day.month, day.day)]
    if days == [(2, 28)] and not isleap(day.year):
        days.append((2, 29))
    return days


def _birthdays(program: ActiveProgram, at: datetime, limit: int) -> list[Occurrence]:
    """Members whose birthday it is on the local day; 29 February falls on the 28th elsewhen."""
    day = program.calendar.day_of(at)
    days = birthdays_kept_on(day)
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.id from members_member m"
            " where (extract(month from m.birthday), extract(day from m.birthday))"
            "   in (select * from unnest(%s::int[], %s::int[])) and not exists (select 1"
            "  from earning_earningevent e"
            "  where e.external_id = 'member.birthday:' || m.id || ':' || %s::text)"
            " order by m.id limit %s",
            [[m for m, _ in days], [d for _, d in days], str(day.year), limit],
        )
        begins = program.calendar.start_of(day)
        return [
            Occurrence(member, f"{member}:{day.year}", begins) for (member,) in cursor.fetchall()
        ]
