"""Split red packets: the cut, who takes what, and what goes back."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.cash.calculations import equal_shares, luckiest, shares_between
from points.cash.errors import (
    AudienceUnknown,
    RedPacketEmpty,
    RedPacketIncomplete,
    RedPacketNotForYou,
    RedPacketOver,
    RedPacketTaken,
    RedPacketTooShort,
    RedPacketUneven,
)
from points.cash.models import RedPacketShare
from points.cash.queries import get_packet, largest_share, list_takers
from points.cash.red_packets import end_red_packet, make_red_packet
from points.flows.members_merged import merge_members
from points.flows.red_packet_taken import check_audience, take_red_packet
from points.flows.time_moved import run_due_jobs
from points.ledger.errors import FundingSourceNotFound
from points.members.actions import create_member
from points.segments.actions import create_segment
from points.tiers.actions import create_tier


def make(at, **fields):
    ends_at = fields.pop("ends_at", at + timedelta(days=1))
    told = {
        "kind": "random", "title_zh": "恭喜发财", "title_en": "Good luck", "total_cents": 10_000,
        "shares_count": 5, "audience": "all", "audience_code": "", "funding_source": "merchant",
        **fields,
    }  # fmt: skip
    return make_red_packet(fields=told, ends_at=ends_at, at=at, actor="staff:1", actor_name="Lin")


def take(packet, member, at):
    return take_red_packet(packet_id=packet.pk, member_id=member.pk, at=at, actor="t")


@pytest.fixture
def crowd(shop, noon):
    return [create_member(external_id=f"c{i}", at=noon, name=f"Guest {i}") for i in range(6)]


def test_100_yuan_in_five_shares_go_to_the_first_five(crowd, noon, wallet, rules):
    packet = make(noon)
    taken = [take(packet, member, noon).cents for member in crowd[:5]]
    assert sum(taken) == 10_000 and min(taken) >= 1
    cut = RedPacketShare.objects.filter(red_packet=packet).order_by("number")
    assert taken == [share.cents for share in cut]
    assert [wallet(member)[1] for member in crowd] == [*taken, 0]
    with pytest.raises(RedPacketEmpty):
        take(packet, crowd[5], noon)
    with pytest.raises(RedPacketTaken):
        take(packet, crowd[0], noon)
    best = RedPacketShare.objects.get(pk=largest_share(packet_id=packet.pk))
    assert best.cents == max(taken) and luckiest(taken) == best.number - 1


def test_what_nobody_took_goes_back_at_the_end(crowd, noon, rules):
    packet = make(noon, kind="equal", total_cents=1_000, shares_count=3)
    take(packet, crowd[0], noon)
    assert largest_share(packet_id=packet.pk) is None
    run_due_jobs(at=noon + timedelta(days=2))

    state = get_packet(packet_id=packet.pk)
    assert (state.taken_cents, state.packet.returned_cents) == (334, 666)
    assert state.packet.ended_at == noon + timedelta(days=1)
    assert state.status_at(noon + timedelta(days=2)) == "ended"
    with pytest.raises(RedPacketOver):
        take(packet, crowd[1], noon + timedelta(days=2))


def test_past_its_end_nothing_is_taken_even_before_the_job_came(crowd, noon, rules):
    packet = make(noon)
    assert get_packet(packet_id=packet.pk).status_at(packet.ends_at) == "ended"
    with pytest.raises(RedPacketOver):
        take(packet, crowd[0], packet.ends_at)


def test_staff_end_it_early_and_once(crowd, noon, rules):
    packet = make(noon, kind="equal", total_cents=900, shares_count=3)
    take(packet, crowd[0], noon)
    first = end_red_packet(packet_id=packet.pk, at=noon + timedelta(hours=1))
    again = end_red_packet(packet_id=packet.pk, at=noon + timedelta(hours=2))
    assert (first.returned_cents, again.ended_at) == (600, noon + timedelta(hours=1))


def test_only_its_audience_may_take(crowd, noon, rules):
    create_tier(fields={"code": "gold", "name_en": "Gold", "threshold": 1_000}, at=noon)
    check_audience(audience="tier", code="gold")
    packet = make(noon, audience="tier", audience_code="gold")
    with pytest.raises(RedPacketNotForYou):
        take(packet, crowd[0], noon)
    with pytest.raises(AudienceUnknown):
        check_audience(audience="segment", code="nobody")


def test_a_segment_is_judged_when_somebody_takes(crowd, noon, rules):
    create_segment(
        code="tagged", name="Tagged", description="", at=noon,
        condition={"in": ["vip", {"var": "member.tags"}]},
    )  # fmt: skip
    packet = make(noon, audience="segment", audience_code="tagged")
    with pytest.raises(RedPacketNotForYou):
        take(packet, crowd[0], noon)
    vip = create_member(external_id="vip", at=noon, tags=("vip",))
    assert take(packet, vip, noon).cents > 0


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"total_cents": 4}, RedPacketUneven),
        ({"title_zh": "", "title_en": ""}, RedPacketIncomplete),
        ({"funding_source": "nobody"}, FundingSourceNotFound),
        ({"ends_at": None}, RedPacketTooShort),
    ],
)
def test_what_cannot_be_made(noon, rules, fields, refusal):
    with pytest.raises(refusal):
        make(noon, **{**fields, **({"ends_at": noon} if "ends_at" in fields else {})})
    assert not RedPacketShare.objects.exists()


def test_one_person_under_two_names_keeps_both_shares_and_takes_no_third(
    crowd, noon, wallet, rules
):
    packet = make(noon, kind="equal", total_cents=500, shares_count=5)
    mei, twin = crowd[:2]
    take(packet, mei, noon)
    take(packet, twin, noon)
    merge_members(loser=twin.pk, into=mei.pk, at=noon, actor="t")
    assert wallet(mei)[1] == 200
    mine = RedPacketShare.objects.filter(member_id=mei.pk).order_by("seat")
    assert [share.seat for share in mine] == [0, 2]
    with pytest.raises(RedPacketTaken):
        take(packet, mei, noon)
    assert len(list_takers(packet_id=packet.pk, limit=10)) == 2


@given(st.data())
def test_every_cut_sums_to_the_whole_and_gives_everybody_something(data):
    total = data.draw(st.integers(1, 10**9))
    shares = data.draw(st.integers(1, min(total, 200)))
    cuts = data.draw(
        st.lists(st.integers(1, total - 1), min_size=shares - 1, max_size=shares - 1, unique=True)
        if shares > 1
        else st.just([])
    )
    parts = shares_between(total, cuts)
    assert sum(parts) == total and len(parts) == shares and min(parts) >= 1
    even = equal_shares(total, shares)
    assert sum(even) == total and max(even) - min(even) <= 1


def test_every_way_to_cut_comes_with_the_same_chance():
    """6 in 3 shares: ten ways; over 20,000 cuts chi-square stays below 27.9 (p = 0.001, 9 degrees)."""
    chance = random.Random(20261122)
    ways = Counter(tuple(shares_between(6, chance.sample(range(1, 6), 2))) for _ in range(20_000))
    assert len(ways) == 10
    assert sum((seen - 2_000) ** 2 / 2_000 for seen in ways.values()) < 27.9


def test_nobody_is_better_off_by_coming_early():
    """100.00 in 10 shares: the mean of every place is 10.00, within four standard errors."""
    chance, rounds = random.Random(7), 20_000
    sums = [0] * 10
    for _ in range(rounds):
        for place, cents in enumerate(shares_between(10_000, chance.sample(range(1, 10_000), 9))):
            sums[place] += cents
    # The spread of one share is about its mean: 1,000 × sqrt(8/11) ≈ 905.
    assert all(abs(one / rounds - 1_000) < 4 * 905 / rounds**0.5 for one in sums)
