"""The reward for a complete profile, and what rules are called in either language."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from kernel.bilingual import pack, unpack
from points.earning import actions as earning
from points.earning.models import EarningEvent
from points.earning.rules import Reward, RuleDocument
from points.earning.task_centre import list_tasks
from points.flows.books_checked import check_books
from points.flows.occasions import find_occasions, reward_profile
from points.interfaces.explaining import explain_order
from points.interfaces.explaining_rules import explain_results
from points.interfaces.wording import reason
from points.ledger.models import Transaction
from points.members.actions import change_member
from points.members.models import Member
from points.orders.models import Order
from points.tiers.actions import create_tier
from tests.flows.test_orders import balance, order, take

DAY = timedelta(days=1)
COMPLETE = {"name": "Mei", "birthday": date(1990, 3, 1)}


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def publish(noon, code="rule", **more):
    document = {
        "name": code, "trigger": "order.completed", "reward": {"kind": "fixed", "points": 30}, **more
    }  # fmt: skip
    earning.create_rule(code=code, document=document, at=noon)
    earning.publish_rule(code=code, effective_from=None, at=noon, actor="t")


def publish_profile(noon, claim="member"):
    card = {"title_zh": "完善资料", "title_en": "Complete your profile", "claim": claim}
    publish(
        noon, "profile", trigger="member.profile_completed", task=card,
        limits={"per_member": {"ever": 1}},
    )  # fmt: skip


def statuses(mei, at):
    return {one.code: one.status for one in list_tasks(member_id=mei.pk, at=at)}


def test_completing_the_profile_earns_once(mei, noon):
    publish_profile(noon)
    assert statuses(mei, noon) == {"profile": "open"}
    changed = change_member(member_id=mei.pk, changes=COMPLETE, at=noon + DAY)
    assert [reward_profile(member=changed, at=noon + DAY, actor="t") for _ in range(2)] == [1, 0]
    assert find_occasions(at=noon + 2 * DAY) == 0
    assert statuses(mei, noon + DAY) == {"profile": "claimable"}


def test_the_job_finds_profiles_that_others_completed(mei, noon):
    publish_profile(noon, claim="auto")
    change_member(member_id=mei.pk, changes=COMPLETE, at=noon + DAY)
    assert [find_occasions(at=noon + DAY) for _ in range(2)] == [1, 0]
    assert balance(mei, noon + DAY) == (30, 0, 0)
    assert EarningEvent.objects.get().occurred_at == noon + DAY


def test_who_had_completed_it_before_is_not_asked_to(mei, noon):
    changed = change_member(member_id=mei.pk, changes=COMPLETE, at=noon)
    publish_profile(noon + DAY)
    assert statuses(mei, noon + DAY) == {}
    assert reward_profile(member=changed, at=noon + DAY, actor="t") == 0
    assert find_occasions(at=noon + DAY) == 0
    Member.objects.update(profile_completed_at=None)
    assert statuses(mei, noon + DAY) == {"profile": "open"}


def told():
    row = Transaction.objects.get(source_key__endswith="rule:rule")
    with override("en"):
        english = reason(row)
    with override("zh-hans"):
        return english, reason(row)


def test_a_reward_reads_in_both_languages(mei, noon):
    publish(noon, name_zh="周五双倍", name_en="Double Fridays")
    take(order(noon), noon)
    assert told() == ("Order O-1: Double Fridays", "订单 O-1：周五双倍")
    evaluation = Order.objects.get().evaluation["rules"]
    source = Order.objects.get().pk
    for language, name in (("en", "Double Fridays"), ("zh-hans", "周五双倍")):
        with override(language):
            (result,) = explain_results(evaluation, source_id=source, currency="CNY")
            assert result.name == name


def test_a_rule_with_a_card_is_called_as_its_card(mei, noon):
    publish(noon, task={"title_zh": "首单", "title_en": "First order"})
    take(order(noon), noon)
    assert told() == ("Order O-1: First order", "订单 O-1：首单")


def test_a_tier_reads_in_both_languages(mei, noon):
    benefits = {"earn_multiplier": "1.5"}
    names = {"name_zh": "会员", "name_en": "Member"}
    create_tier(fields={"code": "m", "threshold": 0, "benefits": benefits, **names}, at=noon)
    take(order(noon), noon)
    row = Transaction.objects.get(source_key__endswith=":tier")
    for language, name in (("en", "Member"), ("zh-hans", "会员")):
        with override(language):
            assert name in reason(row)
            assert name in str(explain_order(Order.objects.get()))


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        ({}, "Friday", "Friday"),
        ({"name_zh": "周五"}, "Friday", "周五"),
        ({"name_en": "Fridays"}, "Fridays", "Friday"),
        ({"name_zh": "周五", "name_en": "Fridays"}, "Fridays", "周五"),
    ],
)
def test_names_stand_in_for_each_other(given, en, zh):
    reward = Reward(kind="fixed", points=1)
    document = RuleDocument(name="Friday", trigger="order.paid", reward=reward, **given)
    assert unpack(document.told_name, "en") == en
    assert unpack(document.told_name, "zh-hans") == zh


def test_one_text_for_both():
    assert (pack("", "A"), pack("甲", ""), pack("A", "A")) == ("A", "甲", "A")
    assert unpack("Old name", "zh-hans") == unpack("Old name", "en") == "Old name"
