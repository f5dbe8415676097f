"""Claiming, batches for many members, merging, erasing, exporting, and segments in use."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from kernel.models import OutboxEvent
from points.coupons.actions import lock, use
from points.coupons.errors import (
    MemberLimitReached,
    NotClaimable,
    NotForYou,
    TemplateNotActive,
    TemplateNotFound,
)
from points.coupons.models import Coupon, CouponTemplate
from points.flows import member_data
from points.flows.coupons_claimed import claim_coupon, list_offers
from points.flows.coupons_issued import Audience, ask_for_issue, count_audience
from points.flows.jobs import run_job
from points.flows.member_erased import erase_member
from points.flows.member_export import export_member
from points.flows.members_merged import merge_members
from points.flows.segment_removed import remove_segment
from points.flows.time_moved import run_due_jobs
from points.jobs.actions import Asker
from points.jobs.models import Job
from points.members.actions import add_missing, create_member
from points.members.models import Member
from points.segments.actions import create_segment
from points.segments.errors import SegmentInUse, SegmentNotFound
from points.tiers.actions import create_tier, set_by_hand
from tests.coupons.conftest import AT, give, template

pytestmark = pytest.mark.usefixtures("books")
HOUR = timedelta(hours=1)
CLERK = Asker("staff:1", "Clerk")


@pytest.fixture
def ann(shop):
    return create_member(external_id="ann", tags=("tea",), at=AT - HOUR)


@pytest.fixture
def bob(shop):
    return create_member(external_id="bob", at=AT - HOUR)


def claim(member, code="twenty", at=AT):
    return claim_coupon(template_code=code, member=member.pk, at=at, actor="member")


def batch(audience, code="twenty"):
    """Ask for a batch and run it; the job afterwards."""
    job = ask_for_issue(template_code=code, audience=audience, by=CLERK, business_at=AT, at=AT)
    assert run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))
    job.refresh_from_db()
    return job


def test_a_member_claims_within_the_window_and_the_limit(ann):
    template(is_claimable=True, per_member=1, claim_from=AT, claim_until=AT + HOUR)
    for moment in (AT - HOUR / 60, AT + HOUR):
        with pytest.raises(NotClaimable):
            claim(ann, at=moment)
    coupon = claim(ann)
    assert (coupon.source, coupon.member_id) == ("claim", ann.pk)
    with pytest.raises(MemberLimitReached):
        claim(ann)
    template("quiet")
    with pytest.raises(NotClaimable):
        claim(ann, "quiet")
    with pytest.raises(TemplateNotFound):
        claim(ann, "nothing")
    assert Coupon.objects.count() == 1


def test_only_those_it_is_meant_for_can_claim(ann, bob):
    create_tier(fields={"code": "gold", "name_en": "Gold", "threshold": 1_000}, at=AT)
    create_segment(code="tea", name="Tea", condition={"in": ["tea", {"var": "member.tags"}]}, at=AT)
    template("of-tea", is_claimable=True, segment="tea")
    template("of-gold", is_claimable=True, tiers=["gold"])
    assert claim(ann, "of-tea")
    with pytest.raises(NotForYou):
        claim(bob, "of-tea")
    with pytest.raises(NotForYou):
        claim(bob, "of-gold")
    set_by_hand(
        member_id=bob.pk, code="gold", until=AT + 100 * HOUR, reason="kind", at=AT, actor="t"
    )  # fmt: skip
    assert claim(bob, "of-gold")
    offers = {one.template.code: one for one in list_offers(member=ann.pk, at=AT)}
    assert (offers["of-tea"].claimed, offers["of-tea"].is_for_me) == (1, True)
    assert offers["of-gold"].is_for_me is False
    with pytest.raises(SegmentInUse) as refused:
        remove_segment(code="tea")
    assert refused.value.facts["used_by"] == ["coupon_template:of-tea"]


def test_what_is_gone_or_full_is_told(ann, bob):
    template("last", is_claimable=True, total=1)
    template("one", is_claimable=True, per_member=1)
    claim(bob, "last"), claim(ann, "one")
    offers = {one.template.code: one for one in list_offers(member=ann.pk, at=AT)}
    assert (offers["last"].is_gone, offers["one"].is_full) == (True, True)
    assert [one.claimed for one in list_offers(member=None, at=AT)] == [0, 0]


def test_a_batch_gives_each_of_many_one(shop, ann):
    template(per_member=1)
    give(ann)
    add_missing(external_ids=[f"m{n}" for n in range(1_200)], at=AT)
    everybody = Audience("everybody")
    assert count_audience(audience=everybody, at=AT) == 1_201
    job = batch(everybody)
    assert (job.status, job.done, job.total) == ("done", 1_201, 1_201)
    assert job.result["outcomes"] == {"issued": 1_200, "limit": 1}
    assert Coupon.objects.filter(source="batch", issued_by="staff:1").count() == 1_200
    assert batch(everybody).result["outcomes"] == {"limit": 1_201}


def test_a_batch_that_was_killed_goes_on_and_gives_nobody_two(shop, monkeypatch):
    from points.flows import coupons_issued

    template()
    add_missing(external_ids=[f"m{n}" for n in range(30)], at=AT)
    monkeypatch.setattr(coupons_issued, "BATCH", 10)
    rounds, whole = [], coupons_issued._issue

    def dies_later(run, asked, members):
        whole(run, asked, members)
        rounds.append(1)
        if len(rounds) == 2:
            raise ConnectionError("the power went")

    monkeypatch.setattr(coupons_issued, "_issue", dies_later)
    job = ask_for_issue(
        template_code="twenty", audience=Audience("everybody"), by=CLERK, business_at=AT, at=AT
    )
    run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))
    assert Coupon.objects.count() == 20
    run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))
    job.refresh_from_db()
    assert (job.status, job.result["outcomes"]) == ("done", {"issued": 30})
    assert Coupon.objects.values("member_id").distinct().count() == 30


def test_a_batch_stops_when_all_are_gone_and_knows_its_members(ann, bob):
    template(total=1)
    job = batch(Audience("members", external_ids=["bob", "ann", "nobody"]))
    assert job.result["outcomes"] == {"issued": 1, "exhausted": 1}
    template("tagged")
    assert batch(Audience("tag", code="tea"), "tagged").result["outcomes"] == {"issued": 1}
    assert Coupon.objects.get(template__code="tagged").member_id == ann.pk
    with pytest.raises(SegmentNotFound):
        batch(Audience("segment", code="nothing"), "tagged")
    template("draft", status="draft")
    with pytest.raises(TemplateNotActive):
        batch(Audience("everybody"), "draft")
    assert Job.objects.count() == 2


def test_merged_members_have_all_coupons_of_both(ann, bob):
    template(per_member=1)
    mine, theirs = give(ann), give(bob)
    lock(codes=[theirs.code], member=bob.pk, reference="shop:1", until=AT + HOUR, at=AT, actor="t")
    merge_members(loser=bob.pk, into=ann.pk, at=AT, actor="t")
    assert set(Coupon.objects.filter(member_id=ann.pk)) == {mine, theirs}
    use(codes=[theirs.code], reference="shop:1", discounts={}, at=AT, actor="t", member=ann.pk)


def test_who_is_erased_can_use_none_any_more(ann):
    template()
    used, left = give(ann, key="1"), give(ann, key="2")
    use(codes=[used.code], reference="shop:1", discounts={used.code: 2_000}, at=AT, actor="t")
    told = export_member(member_id=ann.pk, at=AT)
    assert [one["code"] for one in _part(told, "coupons")] == [used.code, left.code]
    erase_member(member_id=ann.pk, forfeit=False, at=AT, actor="t")
    states = dict(Coupon.objects.values_list("pk", "state"))
    assert states == {used.pk: "used", left.pk: "voided"}
    assert CouponTemplate.objects.get().issued_count == 1


def _part(told, name):
    rows = member_data.collect(members=[Member.objects.get(external_id="ann").pk])
    assert name in str(told)
    return rows[name]


def test_time_that_moves_books_what_ended(ann):
    template()
    coupon = give(ann)
    assert run_due_jobs(at=coupon.valid_until)["coupons_ended"] == 1
    event = OutboxEvent.objects.get(topic="coupon.expired")
    assert event.payload["coupon_id"] == str(coupon.pk)
    assert uuid.UUID(event.subject) == ann.pk
