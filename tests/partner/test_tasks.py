"""Tasks over the API: told, waiting, claimed once, and what is refused."""

import pytest

from tests.partner.calls import API, AT, balance, refusal, sent

RULE = {
    "code": "follow", "name": "关注", "trigger": "member.followed", "status": "published",
    "reward": {"kind": "fixed", "points": 20}, "limits": {"per_member": {"ever": 1}},
    "task": {"title_zh": "关注我们", "title_en": "Follow us", "claim": "member"},
}  # fmt: skip
MEI = {"member_external_id": "mei"}


@pytest.fixture
def told(partner, mei):
    sent(partner.post(f"{API}/earning-rules", RULE))
    event = {**MEI, "id": "e-1", "type": "member.followed", "occurred_at": AT}
    happened = sent(partner.post(f"{API}/events", event))
    assert happened["points_earned"] == 0
    return tasks(partner)["items"][0]["award_id"]


def tasks(partner):
    return sent(partner.get(f"{API}/tasks?member_external_id=mei"), 200)


def test_a_claim_gives_once(partner, mei, told):
    assert tasks(partner)["claims_waiting"] == 1
    made = sent(partner.post(f"{API}/task-claims", {**MEI, "award_id": told}))
    assert made == {"award_id": told, "task_code": "follow", "points": 20, "coupon": None}
    assert balance(partner, mei) == (20, 0, 0, 0)
    again = partner.post(f"{API}/task-claims", {**MEI, "award_id": told})
    refusal(again, 409, "earning.task_not_claimable")
    (task,) = tasks(partner)["items"]
    assert (task["status"], task["points_earned"], task["award_id"]) == ("done", 20, None)
    event = sent(partner.get(f"{API}/events/e-1"), 200)
    assert (event["points_earned"], event["evaluation"][0]["outcome"]) == (20, "granted")
    assert balance(partner, mei) == (20, 0, 0, 0)


def test_refusals_move_nothing(partner, mei, told):
    unknown = {"member_external_id": "nobody", "award_id": told}
    refusal(partner.post(f"{API}/task-claims", unknown), 404, "members.not_found")
    other = {**MEI, "award_id": "01a20077-438c-767c-86e5-9c0bfbe1af05"}
    refusal(partner.post(f"{API}/task-claims", other), 409, "earning.task_not_claimable")
    assert partner.post(f"{API}/task-claims", {**MEI, "award_id": "x"}).status == 400
    assert partner.get(f"{API}/tasks").status == 400
    assert balance(partner, mei) == (0, 0, 0, 0)
    assert tasks(partner)["claims_waiting"] == 1
