"""Events earn once for ever, late or early, and what happens inside Jifen earns alike."""

from datetime import date, timedelta

import pytest

from points.earning import actions as earning
from points.earning.errors import EventConflict, EventTypeReserved, EventTypeUnknown
from points.earning.models import Award, EarningEvent
from points.flows.events_received import IncomingEvent, take_event, take_events
from points.flows.member_checked_in import check_member_in
from points.flows.member_joined import join_member
from points.flows.occasions import find_occasions
from points.ledger import queries
from points.ledger.reconciliation import find_inconsistencies
from points.members.actions import add_missing
from points.members.errors import MemberNotFound
from points.members.models import Member

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def publish(noon, code="ping", **fields):
    reward = {"kind": "fixed", "points": 30}
    document = {"name": code, "trigger": "custom:ping", "reward": reward, **fields}
    earning.create_rule(code=code, document=document, at=noon)
    earning.publish_rule(code=code, effective_from=None, at=noon, actor="t")


def event(noon, name="e-1", **fields):
    return IncomingEvent(
        **{"id": name, "type": "custom:ping", "member_external_id": "mei", "occurred_at": noon,
           **fields}
    )  # fmt: skip


def take(incoming, at):
    return take_event(event=incoming, at=at, actor="t")


def available(mei, at):
    return queries.get_balance(member=mei.pk, at=at).available


def test_an_event_earns_once_a_year_later_too(mei, noon):
    publish(noon)
    assert (take(event(noon), noon).outcome, available(mei, noon)) == ("created", 30)
    again = take(event(noon), noon + 370 * DAY)
    assert (again.outcome, again.points_earned, available(mei, noon)) == ("duplicate", 30, 30)
    with pytest.raises(EventConflict):
        take(event(noon, properties={"x": 1}), noon)
    assert EarningEvent.objects.count() == Award.objects.count() == 1


def test_a_mended_event_may_follow_the_refused_one_in_its_batch(mei, noon):
    publish(noon)
    batch = [
        event(noon, type="checkin"),
        event(noon),
        event(noon),
        event(noon, properties={"x": 1}),
    ]
    outcomes = take_events(events=batch, at=noon, actor="t")
    assert [o.outcome for o in outcomes] == ["refused", "created", "duplicate", "conflict"]
    assert available(mei, noon) == 30


def test_an_event_nobody_rewards_is_kept_and_counts_once(mei, noon):
    assert take(event(noon), noon).points_earned == 0
    publish(noon)
    assert take(event(noon), noon).points_earned == 0
    assert available(mei, noon) == 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("order.paid", EventTypeReserved), ("member.registered", EventTypeReserved),
        ("checkin", EventTypeReserved), ("review", EventTypeUnknown),
        ("custom:", EventTypeUnknown), ("custom:A", EventTypeUnknown),
    ],
)  # fmt: skip
def test_types_that_are_ours_or_nobody_s_are_refused(mei, noon, kind, error):
    with pytest.raises(error):
        take(event(noon, type=kind), noon)
    assert not EarningEvent.objects.exists()


def test_types_the_trade_knows_and_one_s_own_are_taken(mei, noon):
    for i, kind in enumerate(("review.posted", "share.visited", "custom:stamp-card.full")):
        assert take(event(noon, f"e-{i}", type=kind), noon).outcome == "created"


def test_an_unknown_member_is_refused_and_nothing_is_kept(noon):
    with pytest.raises(MemberNotFound):
        take(event(noon, member_external_id="nobody"), noon)
    assert not EarningEvent.objects.exists()


def test_properties_are_what_conditions_and_amounts_ask_for(mei, noon):
    publish(
        noon, conditions={">=": [{"var": "event.properties.stars"}, 4]},
        reward={"kind": "amount", "points": 2, "per_cents": 1_000},
    )  # fmt: skip
    five = event(noon, "a", properties={"stars": 5, "amount_cents": 5_500})
    three = event(noon, "b", properties={"stars": 3, "amount_cents": 5_500})
    none = event(noon, "c", properties={"stars": "many"})
    assert [take(one, noon).points_earned for one in (five, three, none)] == [10, 0, 0]


def test_events_in_any_order_end_in_the_same_state(mei, noon):
    publish(noon, limits={"per_member": {"day": 2}})
    moments = [noon, noon + timedelta(hours=1), noon + timedelta(hours=2), noon + DAY]
    batch = [event(at, f"e-{i}") for i, at in enumerate(moments)]
    late = [take(one, noon + 5 * DAY).points_earned for one in reversed(batch)]
    assert sum(late) == available(mei, noon + 5 * DAY) == 90
    assert sorted(late) == [0, 30, 30, 30]


def test_a_batch_answers_in_order_and_bad_items_keep_nobody_out(mei, noon):
    publish(noon)
    batch = [
        event(noon, "a"), event(noon, "a"), event(noon, "a", properties={"x": 1}),
        event(noon, "b", member_external_id="nobody"), event(noon, "c", type="order.paid"),
        event(noon, "d"),
    ]  # fmt: skip
    outcomes = take_events(events=batch, at=noon, actor="t")
    assert [one.outcome for one in outcomes] == [
        "created", "duplicate", "conflict", "refused", "refused", "created",
    ]  # fmt: skip
    assert [one.points_earned for one in outcomes] == [30, 30, 0, 0, 0, 30]
    assert available(mei, noon) == 60


def test_a_thousand_events_take_as_many_queries_as_one(mei, noon, django_assert_max_num_queries):
    publish(noon)
    take(event(noon, "warm"), noon)
    batch = [event(noon, f"e-{i}") for i in range(200)]
    with django_assert_max_num_queries(3):
        take_events(events=batch, at=noon, actor="t")
    assert available(mei, noon) == 201 * 30


def test_joining_is_rewarded_once_however_somebody_joined(noon):
    publish(noon, "welcome", trigger="member.registered")
    mei = join_member(external_id="mei", at=noon)
    assert available(mei, noon) == 30
    add_missing(external_ids=["tao", "lin"], at=noon + DAY)
    old = Member.objects.get(external_id="lin")
    Member.objects.filter(pk=old.pk).update(joined_at=noon - DAY)  # before there was a rule
    assert [find_occasions(at=noon + DAY) for _ in range(2)] == [1, 0]
    assert available(Member.objects.get(external_id="tao"), noon + DAY) == 30
    assert available(old, noon + DAY) == 0


def test_a_birthday_comes_once_a_year_and_on_28_february_for_those_of_the_29th(noon):
    publish(noon - 365 * DAY, "birthday", trigger="member.birthday")
    leap = join_member(external_id="leap", at=noon, birthday=date(2000, 2, 29))
    other = join_member(external_id="other", at=noon, birthday=date(1990, 3, 1))
    eve = noon - DAY  # 28 February 2026
    assert [find_occasions(at=at) for at in (eve, eve, noon, noon)] == [1, 0, 1, 0]
    assert (available(leap, noon), available(other, noon)) == (30, 30)
    assert find_occasions(at=noon + 365 * DAY) == 1


def test_check_in_pulls_its_rules_with_the_streak(mei, noon):
    publish(noon, "third", trigger="checkin", conditions={"==": [{"var": "checkin.streak"}, 3]})
    before = available(mei, noon)
    for days in range(4):
        check_member_in(member_id=mei.pk, at=noon + days * DAY, actor="t")
    assert available(mei, noon + 4 * DAY) - before == 1 + 1 + 2 + 2 + 30
