"""One code is one segment, versions count each change, and nothing in use is deleted."""

from django.db import transaction

from points.flows import segment_removed
from points.flows.segment_removed import remove_segment
from points.segments.actions import change_segment, create_segment, hold_segments, measure_rfm
from points.segments.models import RfmScale, Segment
from tests.races.conftest import AT, kinds


def test_one_of_64_takes_the_code(race):
    results = race(
        lambda i: create_segment(code="vip", name=f"n{i}", condition=True, at=AT), 64
    )  # fmt: skip
    assert kinds(results) == {"Segment": 1, "SegmentCodeTaken": 63}


def test_64_changes_are_64_versions(race):
    create_segment(code="vip", name="VIP", condition=True, at=AT)
    trees = [{">=": [{"var": "member.orders_count"}, i]} for i in range(64)]
    results = race(lambda i: change_segment(code="vip", changes={"condition": trees[i]}, at=AT), 64)
    assert kinds(results) == {"Segment": 64}
    assert Segment.objects.get().version == 65


def test_what_began_to_use_a_segment_finds_it_or_is_refused(race, monkeypatch):
    """Each job either uses the segment or deletes it; used and gone it never is."""
    create_segment(code="vip", name="VIP", condition=True, at=AT)
    create_segment(code="used", name="Used", condition=True, at=AT)

    # The user's own row is a segment here, whose description names the one it uses.
    def users(code):
        return list(Segment.objects.filter(description=code).values_list("code", flat=True))

    monkeypatch.setattr(segment_removed, "USERS", [users])

    def job(i):
        if i % 2:
            return remove_segment(code="vip")
        with transaction.atomic():
            hold_segments(codes=["vip"])
            Segment.objects.filter(code="used").update(description="vip")
            return "used"

    results = race(job, 64)
    is_used = Segment.objects.get(code="used").description == "vip"
    assert Segment.objects.filter(code="vip").exists() == is_used
    counted = kinds(results)
    assert counted.get("Segment", 0) == (0 if is_used else 1)
    assert counted.get("str", 0) == (32 if is_used else 0)


def test_64_measures_leave_one_scale(race, members):
    members(3)
    from points.members.models import Member

    Member.objects.update(orders_count=1, spent_cents=5, last_order_at=AT)
    assert set(race(lambda _i: measure_rfm(at=AT), 64)) == {3}
    assert RfmScale.objects.count() == 1
