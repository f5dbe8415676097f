"""A claim gives once, and never beyond what was set aside, while everybody claims at once."""

from points.budget.models import PotSlot
from points.earning import actions as earning
from points.earning.models import Award
from points.earning.task_centre import list_tasks
from points.flows.events_received import IncomingEvent, take_events
from points.ledger.models import Lot
from tests.races.conftest import AT, balance, kinds


def publish(**limits):
    card = {"title_zh": "任务", "title_en": "Task", "claim": "member"}
    document = {
        "name": "task", "trigger": "custom:ping", "reward": {"kind": "fixed", "points": 30},
        "task": card, "limits": limits,
    }  # fmt: skip
    earning.create_rule(code="task", document=document, at=AT)
    earning.publish_rule(code="task", effective_from=None, at=AT, actor="t")


def ping(*members):
    events = [
        IncomingEvent(id=f"e-{n}", type="custom:ping", member_external_id=m, occurred_at=AT)
        for n, m in enumerate(members)
    ]
    take_events(events=events, at=AT, actor="t")


def claim(award):
    return earning.claim_award(award_id=award.pk, member_id=award.member_id, at=AT, actor="t")


def test_a_claim_64_times_gives_once(race, members):
    (mei,) = members(1)
    publish()
    ping("m0")
    award = Award.objects.get()
    results = race(lambda i: claim(award), 64)
    assert kinds(results) == {"Claimed": 1, "TaskNotClaimable": 63}
    assert balance(mei) == (30, 0, 0, 0)
    assert Lot.objects.count() == 1
    assert [one.status for one in list_tasks(member_id=mei.pk, at=AT)] == ["open"]


def test_64_members_claim_what_is_enough_for_33(race, members):
    members(64)
    publish(total_points=1_000)
    ping(*(f"m{i}" for i in range(64)))
    awards = list(Award.objects.all())
    results = race(lambda i: claim(awards[i]), 64)
    assert kinds(results) == {"Claimed": 33, "TaskUsedUp": 31}
    assert sum(Lot.objects.values_list("granted", flat=True)) == 990
    assert sum(PotSlot.objects.values_list("left_amount", flat=True)) == 10
    assert Award.objects.filter(status="claimable").count() == 31


def test_eight_tasks_of_one_member_are_claimed_together(race, members):
    (mei,) = members(1)
    publish(per_member={"ever": 8})
    ping(*["m0"] * 20)
    awards = list(Award.objects.filter(status="claimable"))
    assert len(awards) == 8
    results = race(lambda i: claim(awards[i % 8]), 64)
    assert kinds(results) == {"Claimed": 8, "TaskNotClaimable": 56}
    assert balance(mei) == (240, 0, 0, 0)
