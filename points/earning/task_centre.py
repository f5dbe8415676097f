"""The task centre (rules.md §3): rules with a card, and where a member stands with each."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from kernel.clock import Calendar
from kernel.db import Ask, ask
from points.conditions.judging import holds
from points.earning.awards import period_keys
from points.earning.evaluation import Compiled
from points.earning.facts import MemberFacts, member_facts
from points.earning.queries import RuleSet, ask_rules, get_member_facts
from points.earning.rules import Reward, Task
from points.members.models import Member
from points.program.queries import ActiveProgram, ask_program

Period = Literal["day", "week", "month", "ever"]
Status = Literal["claimable", "promised", "open", "done_for_now", "done"]
_ORDER: tuple[Status, ...] = ("claimable", "promised", "open", "done_for_now", "done")
# Longest first: what a member works towards.
_PERIODS: tuple[Period, ...] = ("ever", "month", "week", "day")
# Behind every member who can look: it waits to be claimed, is done, or never comes.
_PAST = ("member.registered",)
_PROFILE = "member.profile_completed"


class Waiting(msgspec.Struct, array_like=True, frozen=True):
    """An award that waits to be claimed; `is_early`: not before its order is completed."""

    award_id: uuid.UUID
    rule_id: uuid.UUID
    version: int
    points: int
    is_early: bool = False


class Given(msgspec.Struct, array_like=True, frozen=True):
    """What a rule gave a member: how often, how many points, and when it was earned last."""

    rule_id: uuid.UUID
    times: int
    points: int
    last: datetime


class _Count(msgspec.Struct, array_like=True, frozen=True):
    rule_id: uuid.UUID
    period: str
    times: int
    points: int


class _State(msgspec.Struct):
    given: list[Given]
    counts: list[_Count]
    waiting: list[Waiting]


class Progress(msgspec.Struct, frozen=True):
    """`times` of `most` in the period."""

    period: Period
    times: int
    most: int


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """A task as a member finds it.

    claimable: the awards in `waiting`, oldest first · promised: can be claimed once the order it was
    done with is completed · open: can be done · done_for_now: the limit of
    a day, week or month is reached, until `again_at` · done: for good.
    """

    code: str
    card: Task
    reward: Reward
    priority: int
    status: Status
    waiting: Sequence[Waiting] = ()
    given: Given | None = None
    progress: Progress | None = None
    again_at: datetime | None = None
    ends_at: datetime | None = None


def list_tasks(*, member_id: uuid.UUID, at: datetime) -> list[TaskState]:
    """Every task of a member: to claim, open, done for now, done; by priority, then code.

    Left out are those that begin later or are over, and those this member cannot do: of other
    segments, or whose conditions on the member alone do not hold. What waits from a rule that was
    changed or stopped since still waits. Two queries for any number of tasks; up to three more when
    open ones ask for facts or segments.
    """
    program, rules = ask(ask_program(), ask_rules())
    cards = rules.tasks_at(at)
    (state,) = ask(_ask_state(member_id, cards, program.calendar.day_of(at)))
    waiting = _still_waiting(state.waiting, rules, at)
    known = {one.rule.id for one in cards}
    cards += [one for rule_id, (one, _) in waiting.items() if rule_id not in known]
    given = {one.rule_id: one for one in state.given}
    tasks = [
        (one, _state_of(one, waiting.get(one.rule.id, (one, []))[1], given.get(one.rule.id),
                        _counts_of(state, one.rule.id, program.calendar.day_of(at)), at,
                        program.calendar))
        for one in cards
    ]  # fmt: skip
    possible = _possible(
        [one for one, task in tasks if task.status == "open"], member_id, rules, program, at
    )
    found = [task for one, task in tasks if task.status != "open" or one.rule.id in possible]
    return sorted(found, key=lambda t: (_ORDER.index(t.status), -t.priority, t.code))


def _ask_state(member_id: uuid.UUID, cards: Sequence[Compiled], today: date) -> Ask[_State]:
    rules = [one.rule.id for one in cards]
    values = [member_id, rules, list(period_keys(today).values())]
    return Ask("earning_tasks_of(%s, %s::uuid[], %s::text[])", values, _read_state.decode)


_read_state = msgspec.json.Decoder(_State)


def _still_waiting(
    waiting: Iterable[Waiting], rules: RuleSet, at: datetime
) -> dict[uuid.UUID, tuple[Compiled, list[Waiting]]]:
    """Awards that can be claimed now, by rule, with the newest version that made one of them."""
    found: dict[uuid.UUID, tuple[Compiled, list[Waiting]]] = {}
    for one in waiting:
        version = rules.version(one.rule_id, one.version)
        ends = version.document.ends_at if version else None
        if version is None or version.document.task is None or (ends and at >= ends):
            continue
        newest, held = found.get(one.rule_id, (version, []))
        newest = version if version.number > newest.number else newest
        found[one.rule_id] = newest, [*held, one]
    return found


def _counts_of(state: _State, rule_id: uuid.UUID, today: date) -> Mapping[str, tuple[int, int]]:
    """(times, points) by period."""
    names = {key: period for period, key in period_keys(today).items()}
    return {
        names[one.period]: (one.times, one.points) for one in state.counts if one.rule_id == rule_id
    }


def _state_of(
    one: Compiled, waiting: Sequence[Waiting], given: Given | None,
    counts: Mapping[str, tuple[int, int]], at: datetime, calendar: Calendar,
) -> TaskState:  # fmt: skip
    document = one.document
    assert document.task is not None
    reached = _reached(one, counts)
    again_at = _again_at(reached, calendar.day_of(at), calendar)
    status: Status = "open"
    claimable = [award for award in waiting if not award.is_early]
    if waiting:
        status = "claimable" if claimable else "promised"
    elif "ever" in reached:
        status = "done"
    elif reached:
        is_last = document.ends_at is not None and again_at >= document.ends_at
        status = "done" if is_last else "done_for_now"
    return TaskState(
        code=one.rule.code, card=document.task, reward=document.reward,
        priority=document.priority, status=status, waiting=claimable, given=given,
        progress=_progress(one, counts), ends_at=document.ends_at,
        again_at=again_at if status == "done_for_now" else None,
    )  # fmt: skip


def _reached(one: Compiled, counts: Mapping[str, tuple[int, int]]) -> set[Period]:
    """Periods in which the member has had all there is."""
    limits, reached = one.document.limits, set()
    for period in _PERIODS:
        times, points = counts.get(period, (0, 0))
        most_times = getattr(limits.per_member, period)
        most_points = getattr(limits.per_member_points, period)
        if (most_times and times >= most_times) or (most_points and points >= most_points):
            reached.add(period)
    return reached


def _again_at(reached: set[Period], today: date, calendar: Calendar) -> datetime:
    """When the last of these periods gives way to the next one."""
    following = {
        "day": today + timedelta(days=1),
        "week": today + timedelta(days=7 - today.weekday()),
        "month": (today.replace(day=28) + timedelta(days=4)).replace(day=1),
    }
    days = [following[period] for period in reached if period in following]
    return calendar.start_of(max(days, default=today))


def _progress(one: Compiled, counts: Mapping[str, tuple[int, int]]) -> Progress | None:
    """How far the member is in the longest period whose times are limited."""
    limits = one.document.limits.per_member
    for period in _PERIODS:
        most = getattr(limits, period)
        if most is not None:
            return Progress(period, min(most, counts.get(period, (0, 0))[0]), most)
    return None


def _possible(
    tasks: Sequence[Compiled], member_id: uuid.UUID, rules: RuleSet, program: ActiveProgram,
    at: datetime,
) -> set[uuid.UUID]:  # fmt: skip
    """Those of these that this member can do."""
    past = [*_PAST, *([_PROFILE] if _has_profile(tasks, member_id) else [])]
    ahead = [one for one in tasks if one.document.trigger not in past and not one.is_broken]
    if not any(one.document.segments or one.condition for one in ahead):
        return {one.rule.id for one in ahead}
    facts = get_member_facts(
        members=[member_id], rules=rules, triggers={one.document.trigger for one in ahead},
        program=program, at=at,
    ).get(member_id)  # fmt: skip
    return {one.rule.id for one in ahead if _suits(one, facts, at, program.calendar)}


def _has_profile(tasks: Sequence[Compiled], member_id: uuid.UUID) -> bool:
    """Whether a task asks for a profile that is complete already: it never becomes so again."""
    if not any(one.document.trigger == _PROFILE for one in tasks):
        return False
    return Member.objects.filter(pk=member_id, profile_completed_at__isnull=False).exists()


def _suits(one: Compiled, member: MemberFacts | None, at: datetime, calendar: Calendar) -> bool:
    """Whether segments, and conditions that look at nothing but the member, let the member in."""
    if member is None:
        return False
    if one.document.segments and member.segments.isdisjoint(one.document.segments):
        return False
    condition = one.condition
    if condition is None or not all(name.startswith("member.") for name in condition.fields):
        return True
    facts = member_facts(member, day=calendar.day_of(at))
    return holds(condition, facts, at=at, calendar=calendar)
