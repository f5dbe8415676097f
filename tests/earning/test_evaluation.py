"""Which rules match and what they give, in exact numbers."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from kernel.clock import Calendar
from points.earning.evaluation import (
    LineFacts,
    Money,
    Occasion,
    extra_points,
    judge_rules,
)
from points.earning.queries import compile_rule
from points.earning.rules import Rule, RuleDocument, Version

AT = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)  # a Friday, 12:00 in Shanghai
CALENDAR = Calendar("Asia/Shanghai")
MONEY = Money(points_per_unit=100, digits=2)
FIXED = {"kind": "fixed", "points": 30}


def rule(code="double", number=1, **fields):
    document = {"name": code, "trigger": "order.completed", "reward": FIXED, **fields}
    checked = msgspec.convert(document, RuleDocument)
    return compile_rule(Rule(uuid.uuid4(), code, [Version(number, AT, checked)]), number, checked)


def order(*lines, facts=None, **fields):
    lines = lines or (LineFacts("tea", "drinks", 2, 11_000, 110),)
    return Occasion(
        occurred_at=AT, facts=facts or {},
        amount_cents=sum(one.amount_cents for one in lines),
        base_points=sum(one.base_points for one in lines), lines=lines, **fields,
    )  # fmt: skip


def judge(*rules, occasion=None):
    return judge_rules(rules, occasion or order(), calendar=CALENDAR, money=MONEY)


def points_of(reward, occasion=None):
    (judged,) = judge(rule(reward=reward), occasion=occasion)
    return judged.points


@pytest.mark.parametrize(
    ("reward", "points"),
    [
        ({"kind": "fixed", "points": 30}, 30),
        ({"kind": "amount", "points": 3, "per_cents": 2_000}, 15),  # 5 whole times 20.00
        ({"kind": "rate", "rate": "0.05"}, 550),  # 5 % of 110.00 at 100 points to the yuan
        ({"kind": "rate", "rate": "0.0001"}, 1),  # 0.011 yuan is 1.1 points
        ({"kind": "multiplier", "factor": "2"}, 110),
        ({"kind": "multiplier", "factor": "1.25"}, 27),  # floor(137.5) − 110
        ({"kind": "per_line", "points": 5}, 5),
        ({"kind": "per_line", "points": 5, "per": "piece"}, 10),
    ],
)
def test_what_each_kind_of_reward_gives(reward, points):
    assert points_of(reward) == points


def test_a_multiplier_adds_what_is_above_the_base_floored():
    assert [extra_points(base, Decimal("1.5")) for base in (1, 2, 3, 110)] == [0, 1, 1, 55]


def test_only_lines_that_meet_their_condition_count_and_bear_the_points():
    lines = (
        LineFacts("tea", "drinks", 2, 6_000, 60),
        LineFacts("cup", "ware", 1, 4_000, 40),
        LineFacts("gift", "gift cards", 1, 5_000, 0, is_excluded=True),
    )
    of_ware = {"==": [{"var": "line.category"}, "ware"]}
    (judged,) = judge(
        rule(reward={"kind": "multiplier", "factor": "3", "lines": of_ware}),
        occasion=order(*lines),
    )
    assert (judged.points, judged.line_points) == (80, (0, 80, 0))
    everything = {"kind": "per_line", "points": 7}
    (judged,) = judge(rule(reward=everything), occasion=order(*lines))
    assert judged.points == 14  # the excluded line earns nothing


def test_a_rule_that_gives_less_than_a_point_matched_and_gave_nothing():
    (judged,) = judge(rule(reward={"kind": "amount", "points": 1, "per_cents": 20_000}))
    assert (judged.outcome, judged.points) == ("nothing", 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"starts_at": "2026-03-06T04:00:01Z"}, "schedule"),
        ({"ends_at": "2026-03-06T04:00:00Z"}, "schedule"),
        ({"channels": ["app"]}, "channel"),
        ({"segments": ["vip"]}, "segment"),
        ({"conditions": {">=": [{"var": "order.amount_cents"}, 20_000]}}, "conditions"),
        ({"conditions": {"==": [{"var": "clock.weekday"}, 6]}}, "conditions"),
    ],
)
def test_why_a_rule_did_not_match(fields, reason):
    facts = {"order.amount_cents": 11_000}
    (judged,) = judge(rule(**fields), occasion=order(facts=facts, channel="api"))
    assert (judged.outcome, judged.reason) == ("not_matched", reason)


def test_a_rule_is_in_force_from_its_first_moment_up_to_but_not_at_its_last():
    inside = {"starts_at": "2026-03-06T04:00:00Z", "ends_at": "2026-03-06T04:00:01Z"}
    (judged,) = judge(rule(**inside))
    assert judged.outcome == "planned"


def test_every_comparison_that_failed_is_kept_with_what_was_found():
    condition = {"and": [{">=": [{"var": "order.amount_cents"}, 20_000]},
                         {"==": [{"var": "order.channel"}, "app"]}]}  # fmt: skip
    facts = {"order.amount_cents": 11_000, "order.channel": "app"}
    (judged,) = judge(rule(conditions=condition), occasion=order(facts=facts))
    assert [(leaf.field, leaf.found, leaf.holds) for leaf in judged.leaves] == [
        ("order.amount_cents", 11_000, False), ("order.channel", "app", True),
    ]  # fmt: skip


def outcomes(*rules):
    return {one.compiled.rule.code: one.outcome for one in judge(*rules)}


def test_stacking_rules_add_up_and_an_exclusive_one_goes_alone():
    assert outcomes(rule("a"), rule("b")) == {"a": "planned", "b": "planned"}
    first = rule("x", stacking="exclusive", priority=9)
    assert outcomes(rule("a"), first, rule("b")) == {
        "x": "planned", "a": "outranked", "b": "outranked",
    }  # fmt: skip
    last = rule("x", stacking="exclusive", priority=0)
    assert outcomes(rule("a", priority=5), last) == {"a": "planned", "x": "outranked"}


def test_an_exclusive_rule_that_gives_nothing_keeps_nobody_out():
    empty = {"kind": "amount", "points": 1, "per_cents": 99_999}
    first = rule("x", stacking="exclusive", priority=9, reward=empty)
    assert outcomes(first, rule("a")) == {"x": "nothing", "a": "planned"}


def test_equal_priorities_are_judged_by_code():
    twins = [rule(code, stacking="exclusive") for code in ("b", "a")]
    assert outcomes(*twins) == {"a": "planned", "b": "outranked"}
