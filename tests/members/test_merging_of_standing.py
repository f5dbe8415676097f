"""What rules, tiers, expiry and chargebacks know of two members is one person's after a merge."""

from datetime import timedelta

import pytest

from points.earning.actions import create_rule, publish_rule
from points.earning.models import AwardCount, EarningEvent
from points.flows.events_received import IncomingEvent, take_event
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.members_merged import merge_members
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger.queries import get_balance, list_lots
from points.program.actions import change_program
from points.tiers.actions import create_tier, set_by_hand
from points.tiers.queries import get_standings, list_moves

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_once(shop, noon):
    change_program(changes={"earning": {"pending_days": 0}}, at=noon)


def bought(member, name, cents, at):
    told = IncomingOrder(
        external_id=name, currency="CNY", placed_at=at, status="completed", completed_at=at,
        member_id=member.pk,
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=cents)],
    )  # fmt: skip
    return take_order(order=told, create_member=False, at=at, actor="t").points_earned


def refunded(name, number, cents, at):
    told = IncomingRefund(external_id=number, refunded_at=at, amount_cents=cents)
    refund_order(external_id=name, refund=told, at=at, actor="t")


def merge(loser, into, at):
    merge_members(loser=loser.pk, into=into.pk, at=at, actor="t")


def tier_of(member):
    found = get_standings(member_ids=[member.pk]).get(member.pk)
    return found.code if found else None


def test_growth_tiers_rules_and_budgets_are_those_of_one_person(mei, ann, noon):

    for code, threshold in (("silver", 150), ("gold", 5_000)):
        create_tier(fields={"code": code, "name_en": code, "threshold": threshold}, at=noon)
    rule = {
        "name": "r", "trigger": "custom:visit", "reward": {"kind": "fixed", "points": 5},
        "limits": {"per_member": {"month": 3}},
    }  # fmt: skip
    create_rule(code="visit", document=rule, at=noon)
    publish_rule(code="visit", effective_from=None, at=noon, actor="t")

    def visit(number, member):
        event = IncomingEvent(
            id=f"V-{number}", type="custom:visit", occurred_at=noon, member_id=member.pk
        )
        return take_event(event=event, at=noon, actor="t").points_earned

    assert [visit(1, mei), visit(2, mei), visit(3, ann), visit(4, ann)] == [5, 5, 5, 5]
    for member, number in ((mei, "O-1"), (ann, "O-2")):
        bought(member, number, 10_000, noon)
    assert tier_of(mei) is None

    merge(ann, mei, noon)

    assert get_balance(member=mei.pk, at=noon, unit="growth").available == 200
    assert tier_of(mei) == "silver"
    # Twice each in a month of three: four are counted, and the fifth gives nothing.
    assert AwardCount.objects.get(member_id=mei.pk).times == 4
    assert visit(5, ann) == 0
    assert set(EarningEvent.objects.values_list("member_id", flat=True)) == {mei.pk}
    # Half of what the loser bought comes back: half of its growth goes, and all of it with the rest.
    for number, left in (("R-1", 150), ("R-2", 100)):
        refunded("O-2", number, 5_000, noon)
        assert get_balance(member=mei.pk, at=noon, unit="growth").available == left


def test_lots_that_live_by_activity_follow_the_livelier_of_the_two(mei, ann, noon):
    change_program(changes={"expiry": {"policy": "inactivity", "days": 90}}, at=noon)

    bought(mei, "O-1", 10_000, noon)
    later = noon + timedelta(days=60)
    bought(ann, "O-2", 10_000, later)
    merge(mei, ann, later)
    ends = {lot.expires_at for lot in list_lots(member=ann.pk, at=later)}
    assert len(ends) == 1 and later + timedelta(days=90) < ends.pop() < later + timedelta(days=92)
    last = later + timedelta(days=50)
    bought(ann, "O-3", 10_000, last)
    assert all(
        lot.expires_at > last + timedelta(days=90) for lot in list_lots(member=ann.pk, at=last)
    )


def test_a_chargeback_of_the_loser_that_is_won_comes_back_to_the_survivor(mei, ann, noon):

    bought(ann, "O-1", 10_000, noon)
    told = IncomingChargeback(external_id="CB", charged_back_at=noon)
    charge_back_order(external_id="O-1", chargeback=told, at=noon, actor="t")
    merge(ann, mei, noon)
    assert get_balance(member=mei.pk, at=noon).available == 0
    reverse_chargeback(external_id="O-1", chargeback_id="CB", reversed_at=noon, at=noon, actor="t")
    assert get_balance(member=mei.pk, at=noon).available == 100


@pytest.mark.parametrize(("threshold", "stands"), [(100, "vip"), (1, "gold")])
def test_a_higher_tier_set_by_hand_goes_on(mei, ann, noon, threshold, stands):
    create_tier(fields={"code": "vip", "name_en": "V", "threshold": threshold * 50}, at=noon)
    create_tier(fields={"code": "gold", "name_en": "G", "threshold": 60}, at=noon)
    bought(mei, "O-1", 10_000, noon)
    set_by_hand(
        member_id=ann.pk, code="vip", until=noon + 9 * DAY, reason="friend", at=noon, actor="t"
    )
    merge(ann, mei, noon)
    assert (tier_of(mei), tier_of(ann)) == (stands, None)
    # Both histories are read as one, and nothing of either was changed.
    moves = [move.kind for move in list_moves(member_id=mei.pk, limit=9)]
    assert sorted(moves) == ["manual"] * (2 if stands == "vip" else 1) + ["upgrade"]
