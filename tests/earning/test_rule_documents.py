"""What a rule may say is checked when it is saved, and which of its versions is in force."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from points.conditions import ConditionInvalid
from points.earning import actions as earning
from points.earning.errors import (
    NothingToPublish,
    RuleCodeTaken,
    RuleInvalid,
    RuleNotFound,
    VersionNotFound,
)
from points.earning.models import EarningRule, RuleVersion
from points.earning.queries import ask_rules
from points.earning.rules import RuleDocument
from points.ledger.errors import FundingSourceNotFound

pytestmark = pytest.mark.usefixtures("shop")
FIXED = {"kind": "fixed", "points": 30}
DAY = timedelta(days=1)


def document(**fields):
    return {"name": "Ping", "trigger": "custom:ping", "reward": FIXED, **fields}


def create(noon, code="ping", **fields):
    return earning.create_rule(code=code, document=document(**fields), at=noon)


def publish(at, code="ping", **more):
    return earning.publish_rule(
        code=code, effective_from=more.pop("effective_from", None), at=at, actor="t", **more
    )


def in_force(at, trigger="custom:ping"):
    from kernel.db import ask

    (rules,) = ask(ask_rules())
    return [(one.rule.code, one.number) for one in rules.in_force(trigger, at)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"trigger": "order.shipped"}, "trigger"),
        ({"trigger": "custom:Ping"}, "trigger"),
        ({"reward": {"kind": "fixed"}}, "reward"),
        ({"reward": {"kind": "fixed", "points": 0}}, "reward.points"),
        ({"reward": {"kind": "fixed", "points": 1, "rate": "0.1"}}, "reward"),
        ({"reward": {"kind": "rate", "rate": "1.01"}}, "reward"),
        ({"reward": {"kind": "rate", "rate": "NaN"}}, "reward"),
        ({"reward": {"kind": "multiplier", "factor": "2"}}, "reward"),
        ({"trigger": "order.paid", "reward": {"kind": "multiplier", "factor": "1"}}, "reward"),
        ({"limits": {"per_member": {"day": 0}}}, "limits.per_member.day"),
        ({"limits": {"per_menber": {}}}, "limits"),
        ({"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}, ""),
        ({"starts_at": "2026-03-02T00:00:00"}, ""),
        ({"stacking": "maybe"}, "stacking"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_document_that_means_nothing_is_refused_with_its_field(noon, fields, field):
    with pytest.raises(RuleInvalid) as refused:
        create(noon, **fields)
    assert str(refused.value.facts["field"]).startswith(field or "")
    assert refused.value.facts["reason"]
    assert not EarningRule.objects.exists()


def test_conditions_and_payers_are_checked_when_the_rule_is_saved(noon):
    with pytest.raises(ConditionInvalid):
        create(noon, conditions={"==": [{"var": "order.amount_cents"}, 1]})  # no order here
    with pytest.raises(ConditionInvalid):
        create(noon, trigger="order.paid", conditions={">": [{"var": "order.amount_cents"}, "x"]})
    with pytest.raises(FundingSourceNotFound):
        create(noon, funding_source="nobody")
    with pytest.raises(ConditionInvalid):
        lines = {"==": [{"var": "order.channel"}, "app"]}
        reward = {"kind": "per_line", "points": 1, "lines": lines}
        create(noon, trigger="order.paid", reward=reward)


def test_a_code_is_taken_once(noon):
    create(noon)
    with pytest.raises(RuleCodeTaken):
        create(noon)


def test_a_draft_is_not_in_force_until_it_is_published(noon):
    create(noon)
    assert in_force(noon) == []
    publish(noon)
    assert in_force(noon) == [("ping", 1)]
    assert in_force(noon - DAY) == []
    with pytest.raises(NothingToPublish):
        publish(noon)


def test_a_change_waits_as_draft_while_the_old_version_goes_on(noon):
    create(noon)
    publish(noon)
    earning.change_draft(code="ping", changes={"reward": {"kind": "fixed", "points": 50}}, at=noon)
    assert in_force(noon + DAY) == [("ping", 1)]
    publish(noon + DAY)
    assert in_force(noon) == [("ping", 1)]
    assert in_force(noon + DAY) == [("ping", 2)]
    assert EarningRule.objects.get().draft is None


def test_a_planned_version_waits_for_its_moment_and_a_later_one_takes_its_place(noon):
    create(noon)
    publish(noon)
    earning.change_draft(code="ping", changes={"priority": 2}, at=noon)
    publish(noon, effective_from=noon + 10 * DAY)
    assert in_force(noon + 9 * DAY) == [("ping", 1)]
    assert in_force(noon + 10 * DAY) == [("ping", 2)]
    earning.change_draft(code="ping", changes={"priority": 3}, at=noon)
    publish(noon + 5 * DAY)
    assert in_force(noon + 11 * DAY) == [("ping", 3)]


def test_an_earlier_version_is_brought_back_as_a_new_one(noon):
    create(noon)
    publish(noon)
    earning.change_draft(code="ping", changes={"priority": 2}, at=noon)
    publish(noon + DAY)
    version = publish(noon + 2 * DAY, restores=1)
    assert (version.number, version.restores, version.document["priority"]) == (3, 1, 0)
    with pytest.raises(VersionNotFound):
        publish(noon, restores=9)


def test_a_stopped_rule_gives_nothing_from_then_on_and_its_words_are_kept(noon):
    create(noon)
    publish(noon)
    earning.stop_rule(code="ping", at=noon + DAY, actor="t")
    assert in_force(noon) == [("ping", 1)]
    assert in_force(noon + DAY) == []
    assert EarningRule.objects.get().draft["name"] == "Ping"
    with pytest.raises(NothingToPublish):
        earning.stop_rule(code="ping", at=noon + DAY, actor="t")
    publish(noon + 2 * DAY)
    assert in_force(noon + 2 * DAY) == [("ping", 3)]


def test_a_first_version_that_says_when_it_starts_counts_from_then(noon):
    create(noon, starts_at=(noon - 3 * DAY).isoformat())
    publish(noon)
    assert in_force(noon - 2 * DAY) == [("ping", 1)]
    assert in_force(noon - 4 * DAY) == []


def test_a_rule_that_is_not_there_is_not_found(noon):
    for call in (publish, lambda at: earning.stop_rule(code="ping", at=at, actor="t")):
        with pytest.raises(RuleNotFound):
            call(noon)


def test_a_version_whose_field_has_gone_matches_nothing_and_stops_nobody(noon):
    create(noon)
    publish(noon)
    broken = document(conditions={"==": [{"var": "member.shoe_size"}, 42]})
    row = EarningRule.objects.get()
    RuleVersion.objects.create(
        rule=row, number=2, document=msgspec.to_builtins(msgspec.convert(broken, RuleDocument)),
        effective_from=noon, published_at=noon, published_by="t",
    )  # fmt: skip
    from points.program.actions import renew_revision

    renew_revision()
    from kernel.db import ask

    (compiled,) = ask(ask_rules())[0].in_force("custom:ping", noon)
    assert compiled.is_broken


def test_moments_of_documents_are_stored_with_their_zone(noon):
    create(noon, starts_at="2026-03-01T12:00:00+08:00")
    stored = EarningRule.objects.get().draft["starts_at"]
    assert datetime.fromisoformat(stored) == datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
