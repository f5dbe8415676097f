"""Tiers set by hand, definitions that change, and what is refused."""

import pytest

from kernel.models import OutboxEvent
from points.program.queries import get_program
from points.tiers import actions, queries
from points.tiers.errors import (
    BenefitsInvalid,
    DateNotAhead,
    NotSetByHand,
    ThresholdTaken,
    TierCodeTaken,
    TierNotFound,
    TooManyTiers,
)
from points.tiers.models import MemberTier, Tier, TierMove, TierRecalculation
from tests.tiers.conftest import START, buy, come, day, history, progress_of, tier_of


def by_hand(member, code, until, at="2026-02-01"):
    return actions.set_by_hand(
        member_id=member.pk, code=code, until=day(until, 0), reason="a regret", at=day(at),
        actor="staff:1",
    )  # fmt: skip


def test_a_tier_set_by_hand_holds_until_its_date(ann, ladder):
    buy("A", "2026-01-10", 500)
    by_hand(ann, "platinum", "2026-06-01")
    assert tier_of(ann) == "platinum"
    buy("B", "2026-03-01", 500)
    assert tier_of(ann) == "platinum"
    shown = progress_of(ann, day("2026-03-01"))
    assert (shown.earned_tier.code, shown.reason) == ("gold", "a regret")
    come(day("2026-05-31", 23, 59))
    assert tier_of(ann) == "platinum"
    come(day("2026-06-01", 0))
    # What was earned meanwhile holds again.
    assert tier_of(ann) == "gold"
    assert history(ann) == [
        ("upgrade", None, "silver", "2026-01-10"),
        ("manual", "silver", "platinum", "2026-02-01"),
        ("manual_ended", "platinum", "gold", "2026-06-01"),
    ]
    told = OutboxEvent.objects.filter(topic="tier.changed").order_by("id")
    assert [(e.payload["from"], e.payload["to"]) for e in told] == [
        ("plain", "silver"), ("silver", "platinum"), ("platinum", "gold"),
    ]  # fmt: skip
    assert TierMove.objects.get(kind="manual").why["reason"] == "a regret"


def test_an_upgrade_above_it_ends_a_tier_set_by_hand(ann, ladder):
    by_hand(ann, "silver", "2026-06-01")
    buy("A", "2026-03-01", 600)
    assert MemberTier.objects.get().manual_until is not None
    buy("B", "2026-03-02", 400)
    assert (tier_of(ann), MemberTier.objects.get().manual_until) == ("gold", None)
    assert history(ann)[-1] == ("upgrade", "silver", "gold", "2026-03-02")


def test_a_tier_below_the_earned_one_holds_too(ann, ladder):
    buy("A", "2026-01-10", 1_000)
    by_hand(ann, "plain", "2026-06-01")
    buy("B", "2026-03-01", 1)
    assert tier_of(ann) == "plain"
    come("2026-06-01")
    assert tier_of(ann) == "gold"


def test_periods_end_underneath(ann, ladder):
    buy("A", "2026-01-10", 500)
    by_hand(ann, "gold", "2028-01-01")
    come("2027-12-31")
    assert (tier_of(ann), len(history(ann))) == ("gold", 2)
    come("2028-01-01")
    assert tier_of(ann) == "plain"


def test_set_again_and_released(ann, ladder):
    by_hand(ann, "gold", "2026-06-01")
    by_hand(ann, "silver", "2026-07-01", at="2026-02-02")
    assert tier_of(ann) == "silver"
    actions.release(member_id=ann.pk, reason="enough", at=day("2026-02-03"), actor="t")
    assert tier_of(ann) == "plain"
    assert MemberTier.objects.get().next_review_at is None
    with pytest.raises(NotSetByHand):
        actions.release(member_id=ann.pk, reason="again", at=day("2026-02-03"), actor="t")
    with pytest.raises(DateNotAhead):
        by_hand(ann, "gold", "2026-01-31")
    with pytest.raises(TierNotFound):
        by_hand(ann, "diamond", "2026-06-01")


def test_new_definitions_reach_all_members_with_the_next_job(ann, ladder):
    buy("A", "2026-01-10", 400)
    assert come("2026-01-11")["tiers_reassessed"] > 0
    assert come("2026-01-12")["tiers_reassessed"] == 0
    actions.change_tier(code="silver", changes={"threshold": 400})
    assert tier_of(ann) == "plain"
    come("2026-01-13")
    assert history(ann) == [("recalculated", None, "silver", "2026-01-10")]
    actions.change_tier(code="silver", changes={"threshold": 500})
    come("2026-01-14")
    assert tier_of(ann) == "silver"  # until the period ends
    actions.change_tier(code="silver", changes={"name_en": "Silver star"})
    assert come("2026-01-15")["tiers_reassessed"] == 0


def test_a_window_that_ends_gives_tiers_a_period_and_takes_it_away(ann, rule):
    rule(window="all_time")
    buy("A", "2026-01-10", 500)
    come("2026-03-01")
    rule(window="rolling_12_months")
    come("2026-03-01")
    assert MemberTier.objects.get().keeps_until == day("2027-03-02", 0)
    rule(window="all_time")
    come("2026-03-02")
    assert MemberTier.objects.get().keeps_until is None


def test_recalculation_goes_on_where_it_stopped(shop, ann, rule, monkeypatch):
    from points.members.actions import add_missing

    add_missing(external_ids=[f"m{n}" for n in range(9)], at=START)
    program = get_program()
    calls = []
    real = actions._recalculate_some

    def killed(*args, **kwargs):
        calls.append(real(*args, **kwargs))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_recalculate_some", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.recalculate_all(program=program, at=START, batch=3)
    assert not TierRecalculation.objects.get().is_done
    assert actions.recalculate_all(program=program, at=START, batch=3) == 6
    assert actions.recalculate_all(program=program, at=START, batch=3) == 0


def test_a_ladder_refuses_what_contradicts_it(ladder):
    with pytest.raises(TierCodeTaken):
        actions.create_tier(fields={"code": "gold", "threshold": 7}, at=START)
    with pytest.raises(ThresholdTaken) as refused:
        actions.create_tier(fields={"code": "x", "threshold": 1_000}, at=START)
    assert refused.value.facts == {"code": "gold", "threshold": 1_000}
    with pytest.raises(ThresholdTaken):
        actions.change_tier(code="silver", changes={"threshold": 1_000})
    with pytest.raises(TierNotFound):
        actions.change_tier(code="x", changes={})
    for n in range(actions.LIMIT - 4):
        actions.create_tier(fields={"code": f"t{n}", "threshold": 3_000 + n}, at=START)
    with pytest.raises(TooManyTiers):
        actions.create_tier(fields={"code": "y", "threshold": 9_000}, at=START)
    assert Tier.objects.count() == actions.LIMIT


@pytest.mark.parametrize(
    ("benefits", "field"),
    [
        ({"earn_multiplier": "0.5"}, "earn_multiplier"),
        ({"earn_multiplier": "1.00001"}, "earn_multiplier"),
        ({"earn_multiplier": "NaN"}, "earn_multiplier"),
        ({"checkin_bonus_points": 1.5}, "checkin_bonus_points"),
        ({"birthday_points": -1}, "birthday_points"),
        ({"free_gifts": True}, "free_gifts"),
        ({"coupons": 3}, "coupons"),
    ],
)
def test_benefits_that_make_no_sense_are_refused(ladder, benefits, field):
    with pytest.raises(BenefitsInvalid) as refused:
        actions.change_tier(code="gold", changes={"benefits": benefits})
    assert refused.value.facts["field"] == field
    assert queries.benefits_of(tier=queries.get_tier(code="gold")).birthday_points == 0


def test_benefits_are_laid_over_each_other_and_read_by_standing(ann, ladder):
    actions.change_tier(code="gold", changes={"benefits": {"earn_multiplier": "1.2"}})
    actions.change_tier(code="gold", changes={"benefits": {"birthday_points": 50}})
    buy("A", "2026-01-10", 1_000)
    (standing,) = queries.get_standings(member_ids=[ann.pk]).values()
    assert (standing.code, standing.level, str(standing.earn_multiplier)) == ("gold", 3, "1.2")
    gold = queries.benefits_of(tier=queries.get_tier(code="gold"))
    assert (str(gold.earn_multiplier), gold.birthday_points) == ("1.2", 50)


def test_members_are_counted_with_those_who_never_moved(ann, ladder):
    ladder = queries.list_tiers()
    assert list(queries.count_members(ladder=ladder).values()) == [1, 0, 0, 0]
    buy("A", "2026-01-10", 1_000)
    assert list(queries.count_members(ladder=ladder).values()) == [0, 0, 1, 0]
