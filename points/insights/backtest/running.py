"""A back-test from the proposal to what was found."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kernel.db import ask
from points.earning.queries import RuleSet, ask_rules
from points.earning.rules import ORDER_TRIGGERS
from points.insights.backtest.comparison import Comparison, changes_standings
from points.insights.backtest.proposal import Proposal, Side, draft_side, live_side
from points.insights.backtest.reading import (
    count_orders,
    read_ladder,
    read_orders,
    read_people,
    read_purses,
)
from points.insights.backtest.standings import Climb
from points.insights.backtest.tally import Found, Tally, tier_moves
from points.program.calculations import months_on
from points.program.queries import ActiveProgram, ask_program
from points.segments.facts import Around

# Told after every piece: orders done, orders in all.
Progress = Callable[[int, int], None]


def sides_of(proposal: Proposal, *, at: datetime) -> tuple[Side, Side]:
    """The programme of now, and what is proposed. Four queries. Raises ProposalInvalid."""
    program, rules = ask(ask_program(), ask_rules())
    purses = read_purses()
    live = live_side(program, rules, purses, read_ladder(), at=at)
    return live, draft_side(live, proposal, rules, purses, at=at)


def run(proposal: Proposal, *, at: datetime, tell: Progress) -> Found:
    """Replay the orders of the last `proposal.days` local days up to `at` on both sides.

    Reads only. About six queries for 2,000 orders. Raises ProposalInvalid, and what `tell` raises.
    """
    live, draft = sides_of(proposal, at=at)
    program = live.granting.program
    first = program.calendar.day_of(at) - timedelta(days=proposal.days - 1)
    start = program.calendar.start_of(first)
    by_value = program.settings.tiers.is_on and changes_standings(proposal)
    begin = _counts_from(first, program) if by_value else start
    tally = Tally(live.granting, days=proposal.days, start=start, until=at)
    comparing = Comparison(live, draft, start=start, by_value=by_value, settled=tally.add)
    _replay(comparing, begin, start, at, program, _segments(live, draft), tell)
    comparing.end()
    moves = None
    if by_value:
        before, after = comparing.standings
        assert isinstance(before, Climb) and isinstance(after, Climb)
        moves = tier_moves(before, after, day=program.calendar.day_of(at))
    return tally.comparison(tier_moves=moves)


def _replay(
    comparing: Comparison, begin: datetime, start: datetime, until: datetime,
    program: ActiveProgram, segments: set[str], tell: Progress,
) -> None:  # fmt: skip
    total, done = count_orders(start=begin, until=until), 0
    tell(done, total)
    around = Around(until, program.calendar)
    for orders in read_orders(start=begin, until=until):
        if unknown := comparing.unknown(orders):
            people = read_people(members=unknown, start=start, segments=segments, around=around)
            comparing.meet(people)
        for order in orders:
            comparing.take(order)
        done += len(orders)
        tell(done, max(done, total))


def _segments(live: Side, draft: Side) -> set[str]:
    """Segments that rules of either side ask for."""
    sets: list[RuleSet] = [side.granting.rules for side in (live, draft)]
    return {code for rules in sets for code in rules.segments_of(ORDER_TRIGGERS)}


def _counts_from(first: date, program: ActiveProgram) -> datetime:
    """From when on orders count for the tiers of the first day."""
    match program.settings.tiers.window:
        case "rolling_12_months":
            return program.calendar.start_of(months_on(first, -12))
        case "calendar_year":
            return program.calendar.start_of(date(first.year, 1, 1))
        case _:
            return program.calendar.start_of(date(1970, 1, 1))
