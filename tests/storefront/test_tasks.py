"""The member's own task centre."""

import pytest

from points.earning import actions as earning
from points.earning.models import Award
from points.flows.events_received import IncomingEvent, take_event
from points.flows.member_joined import join_member
from tests.coupons.conftest import template
from tests.storefront.browser import Browser

CARD = {
    "title_zh": "写评价", "title_en": "Write a review", "hint_en": "Fifty words", "link": "/mall",
    "claim": "member",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def publish(noon, code="review", reward=None, **fields):
    document = {
        "name": "A review", "trigger": "custom:ping", "task": CARD,
        "reward": reward or {"kind": "fixed", "points": 30}, **fields,
    }  # fmt: skip
    earning.create_rule(code=code, document=document, at=noon)
    earning.publish_rule(code=code, effective_from=None, at=noon, actor="t")


def ping(noon, **properties):
    event = IncomingEvent(
        id="e", type="custom:ping", member_external_id="mei", occurred_at=noon,
        properties=properties,
    )  # fmt: skip
    take_event(event=event, at=noon, actor="t")


def test_a_task_is_claimed_and_the_wallet_names_it(mei_browser, mei, noon):
    publish(noon, limits={"per_member": {"month": 3}})
    before = mei_browser.get("/tasks").json
    assert before["claims_waiting"] == 0
    assert before["items"] == [
        {
            "code": "review", "status": "open", "title": "Write a review", "hint": "Fifty words",
            "link": "/mall", "points": 30, "reward": "", "coupon": None, "award_id": None, "claims_waiting": 0,
            "points_earned": 0, "done_at": None, "again_at": None, "ends_at": None,
            "progress": {"period": "month", "times": 0, "most": 3},
        }
    ]  # fmt: skip

    ping(noon)
    waiting = mei_browser.get("/tasks").json
    assert (waiting["claims_waiting"], waiting["items"][0]["status"]) == (1, "claimable")
    award = waiting["items"][0]["award_id"]
    made = mei_browser.post(f"/tasks/{award}/claim", idem="k")
    assert (made.status, made.json) == (
        201, {"award_id": award, "task_code": "review", "points": 30, "coupon": None},
    )  # fmt: skip
    assert mei_browser.post(f"/tasks/{award}/claim", idem="k").json == made.json
    again = mei_browser.post(f"/tasks/{award}/claim", idem="other")
    assert (again.status, again.code) == (409, "earning.task_not_claimable")

    after = mei_browser.get("/tasks").json["items"][0]
    assert (after["status"], after["points_earned"]) == ("open", 30)
    assert after["progress"] == {"period": "month", "times": 1, "most": 3}
    assert mei_browser.get("/me").json["points"]["available"] == 30
    assert mei_browser.get("/transactions").json["items"][0]["reason"] == "Write a review"


def test_a_task_that_gives_a_coupon_names_it(mei_browser, mei, noon):
    template()
    publish(noon, reward={"kind": "coupon", "template": "twenty"})
    ping(noon)
    (task,) = mei_browser.get("/tasks").json["items"]
    assert (task["coupon"], task["points"], task["reward"]) == ("Twenty off", None, "")
    made = mei_browser.post(f"/tasks/{task['award_id']}/claim", idem="k").json
    assert (made["coupon"], made["points"]) == ("Twenty off", 0)
    (coupon,) = mei_browser.get("/coupons").json["items"]
    assert coupon["state"] == "issued"
    assert mei_browser.get("/tasks").json["items"][0]["done_at"] is not None


def test_in_the_member_s_language(shop, mei, noon):
    publish(noon)
    assert Browser(shop, "zh-hans").enter(mei).get("/tasks").json["items"][0]["title"] == "写评价"


@pytest.mark.parametrize(
    ("reward", "words"),
    [
        ({"kind": "amount", "points": 3, "per_cents": 2_000}, "3 for every ¥20.00"),
        ({"kind": "rate", "rate": "0.05"}, "5% back"),
        ({"kind": "rate", "rate": "0.125"}, "12.5% back"),
        ({"kind": "rate", "rate": "1"}, "100% back"),
        ({"kind": "multiplier", "factor": "1.5"}, "1.5 times the usual"),
        ({"kind": "per_line", "points": 5}, "5 for each product"),
        ({"kind": "per_line", "points": 5, "per": "piece"}, "5 for each piece"),
    ],
)
def test_rewards_that_depend_are_told_in_words(mei_browser, mei, noon, reward, words):
    trigger = "order.completed" if reward["kind"] in ("multiplier", "per_line") else "custom:ping"
    publish(noon, reward=reward, trigger=trigger)
    (task,) = mei_browser.get("/tasks").json["items"]
    assert (task["points"], task["reward"]) == (None, words)


def test_what_waits_says_how_much(mei_browser, mei, noon):
    publish(noon, reward={"kind": "amount", "points": 3, "per_cents": 2_000})
    ping(noon, amount_cents=4_500)
    (task,) = mei_browser.get("/tasks").json["items"]
    assert (task["status"], task["points"]) == ("claimable", 6)


@pytest.mark.parametrize("award", ["x", "01a20095-a26e-7222-9f07-1eebdb2f2480"])
def test_nothing_waits_under_other_ids(mei_browser, mei, award):
    answer = mei_browser.post(f"/tasks/{award}/claim")
    assert (answer.status, answer.code) == (409, "earning.task_not_claimable")


def test_nobody_claims_for_another(shop, mei, noon):
    publish(noon)
    ping(noon)
    other = join_member(external_id="ann", name="Ann", at=noon)
    award = Award.objects.get()
    answer = Browser(shop).enter(other).post(f"/tasks/{award.pk}/claim")
    assert (answer.status, answer.code) == (409, "earning.task_not_claimable")
    assert Award.objects.get().status == "claimable"
