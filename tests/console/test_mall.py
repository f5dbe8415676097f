"""The points mall in the console: items, and redemptions to be handed over."""

from datetime import UTC, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.ledger.queries import get_balance
from points.redemption.actions import redeem
from points.redemption.models import MallItem, Redemption
from tests.console.conftest import API

CUP = {"kind": "goods", "title_zh": "茶杯", "title_en": "Cup", "price_points": 100, "stock": 5}
ADDRESS = {"name": "Mei", "phone": "13800000001", "region": "Shanghai", "line": "1 Tea Road"}


@pytest.fixture
def cup(console) -> dict:
    return console.post(f"{API}/mall-items", {**CUP, "status": "on_sale"}).json


@pytest.fixture
def redeemed(tea, mei, cup, console):
    """Mei has redeemed three cups, one at a time, and has 200 points left."""
    path = f"{API}/members/{mei.pk}/adjustments"
    console.post(path, {"points": 500, "reason": "Start"}, idem="start")
    now = datetime.now(UTC)
    with tenant_context(tea):
        return [
            redeem(
                member_id=mei.pk, item_id=cup["id"], quantity=1, at=now + timedelta(seconds=n),
                actor=f"member:{mei.pk}", address=ADDRESS,
            )
            for n in range(3)
        ]  # fmt: skip


def test_an_item_is_made_read_and_changed(console, tea):
    made = console.post(f"{API}/mall-items", CUP)
    assert made.status == 201
    assert made.json == {
        **made.json, **CUP, "title": "Cup", "status": "draft", "price_cents": 0,
        "per_member_limit": None, "redeemed_count": 0, "on_sale_from": None,
    }  # fmt: skip
    path = f"{API}/mall-items/{made.json['id']}"
    assert console.get(path, Accept_Language="zh-hans").json["title"] == "茶杯"

    changed = console.patch(path, {"status": "on_sale", "stock": None, "price_points": 80})

    assert changed.status == 200
    assert (changed.json["status"], changed.json["stock"], changed.json["price_points"]) == (
        "on_sale", None, 80,
    )  # fmt: skip
    assert console.get(path).json == changed.json
    with tenant_context(tea):
        note = OutboxEvent.objects.get(topic="audit.mall_item.changed").payload
        assert note["before"] == {"status": "draft", "stock": 5, "price_points": 100}
        assert note["after"] == {"status": "on_sale", "stock": None, "price_points": 80}


def test_items_are_listed_page_by_page_as_the_mall_shows_them(console, tea):
    for n in range(3):
        console.post(f"{API}/mall-items", {**CUP, "title_en": f"Cup {n}"})
    with tenant_context(tea):
        MallItem.objects.filter(title_en="Cup 0").update(position=-1)
    first = console.get(f"{API}/mall-items?limit=2").json
    last = console.get(f"{API}/mall-items?limit=2&cursor={first['next']}").json
    titles = [item["title"] for item in [*first["items"], *last["items"]]]
    assert titles == ["Cup 0", "Cup 2", "Cup 1"]
    assert last["next"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price_points": 0}, "api.invalid_body"),
        ({"price_points": 2**63}, "api.invalid_body"),
        ({"stock": -1}, "api.invalid_body"),
        ({"per_member_limit": 0}, "api.invalid_body"),
        ({"kind": "dragon"}, "api.invalid_body"),
        ({"title_zh": "", "title_en": ""}, "redemption.item_incomplete"),
        ({"on_sale_from": "2026-03-02T00:00:00Z", "on_sale_until": "2026-03-01T00:00:00Z"},
         "api.invalid_body"),
        ({"on_sale_from": "2026-03-02T00:00:00"}, "api.invalid_body"),
        ({"on_sale_from": "0001-01-01T00:00:00Z"}, "api.invalid_body"),
        ({"colour": "red"}, "api.invalid_body"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(console, cup, change, code):
    path = f"{API}/mall-items/{cup['id']}"
    changed = console.patch(path, change)
    made = console.post(f"{API}/mall-items", {**CUP, **change})
    assert (changed.status, changed.code) == (400, code), changed
    assert (made.status, made.code) == (400, code), made
    assert console.get(path).json == cup
    assert len(console.get(f"{API}/mall-items").json["items"]) == 1


def test_redemptions_are_listed_searched_and_filtered(console, redeemed):
    codes = [redemption.code for redemption in reversed(redeemed)]
    first = console.get(f"{API}/redemptions?limit=2").json
    last = console.get(f"{API}/redemptions?limit=2&cursor={first['next']}").json
    rows = [*first["items"], *last["items"]]
    assert [row["code"] for row in rows] == codes
    assert rows[0]["mall_item"]["title"] == "Cup"
    assert rows[0]["member"]["external_id"] == "mei"
    assert rows[0]["address"] == ADDRESS
    assert rows[0]["can_cancel"] is True

    def found(query: str) -> list[str]:
        return [row["code"] for row in console.get(f"{API}/redemptions?{query}").json["items"]]

    assert found(f"q={codes[0].lower()}") == codes[:1]
    assert found("q=mei&status=pending") == codes
    assert found("q=tao") == []
    assert found("status=fulfilled") == []


def test_phones_on_parcels_are_for_those_who_send_them(console_as, redeemed):
    def phone(role: str) -> str:
        return console_as(role).get(f"{API}/redemptions").json["items"][0]["address"]["phone"]

    assert phone("marketer") == "13800000001"
    assert phone("analyst") == "138****0001"


def test_a_redemption_is_fulfilled_once(console, tea, redeemed, owner):
    path = f"{API}/redemptions/{redeemed[0].pk}"
    body = {"tracking": " SF-1 ", "note": "By courier"}
    done = console.post(f"{path}/fulfilment", body)
    again = console.post(f"{path}/fulfilment", {})
    assert (done.status, done.json["status"], done.json["can_cancel"]) == (200, "fulfilled", False)
    assert again.json == done.json
    refused = console.post(f"{path}/cancellation", {})
    assert (refused.status, refused.code) == (409, "redemption.not_cancellable")
    with tenant_context(tea):
        row = Redemption.objects.get(pk=redeemed[0].pk)
        assert (row.tracking, row.fulfilled_by) == ("SF-1", f"staff:{owner.pk}")
        note = OutboxEvent.objects.get(topic="audit.redemption.fulfilled")
        assert note.payload["after"]["note"] == "By courier"


def test_a_cancelled_redemption_gives_points_and_stock_back(console, tea, mei, cup, redeemed):
    path = f"{API}/redemptions/{redeemed[0].pk}/cancellation"
    answer = console.post(path, {"reason": "Broken"})
    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert console.post(path, {"reason": "Broken"}).json == answer.json
    with tenant_context(tea):
        assert get_balance(member=mei.pk, at=datetime.now(UTC)).available == 300
        assert OutboxEvent.objects.filter(topic="audit.redemption.cancelled").count() == 1
    item = console.get(f"{API}/mall-items/{cup['id']}").json
    assert (item["stock"], item["redeemed_count"]) == (3, 2)
    assert console.post(f"{API}/redemptions/{redeemed[0].pk}/fulfilment", {}).status == 409


def test_the_number_of_queries_does_not_grow(console, redeemed, cup, django_assert_num_queries):
    with django_assert_num_queries(3 + 1):
        console.get(f"{API}/mall-items")
    with django_assert_num_queries(3 + 2):
        console.get(f"{API}/redemptions?limit=1")
    with django_assert_num_queries(3 + 2):
        console.get(f"{API}/redemptions?limit=100&q=mei")


def test_what_is_not_there_is_not_there(console):
    for path in ("mall-items/1", "mall-items/0198c0de-0000-7000-8000-000000000000"):
        assert console.get(f"{API}/{path}").code == "redemption.item_not_found"
        assert console.patch(f"{API}/{path}", {"stock": 1}).code == "redemption.item_not_found"
    for step in ("fulfilment", "cancellation"):
        assert console.post(f"{API}/redemptions/1/{step}", {}).code == "redemption.not_found"
