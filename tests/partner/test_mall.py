"""Mall items and redemptions."""

import pytest

from points.flows.books_checked import check_books
from points.redemption.models import MallItem
from tests.partner.calls import API, balance, contents, give, item, refusal, sent

ADDRESS = {"name": "Mei", "phone": "13800000001", "region": "Shanghai", "line": "1 Tea Road"}


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def redeem(api, mug, quantity=1, **more):
    body = {"member_external_id": "mei", "mall_item_id": mug["id"], "quantity": quantity, **more}
    return api.post(f"{API}/redemptions", body, idem="new")


def test_an_item_is_made_read_changed_and_listed(partner):
    made = item(partner, title="", title_zh="马克杯", title_en="Mug", stock=5, per_member_limit=2)
    assert (made["title"], made["status"], made["stock"], made["redeemed_count"]) == (
        "Mug",
        "on_sale",
        5,
        0,
    )
    in_chinese = partner.get(f"{API}/mall-items/{made['id']}", Accept_Language="zh-hans")
    assert sent(in_chinese, 200)["title"] == "马克杯"
    changed = sent(
        partner.patch(f"{API}/mall-items/{made['id']}", {"price_points": 90, "stock": None}), 200
    )
    assert (changed["price_points"], changed["stock"], changed["title_zh"]) == (90, None, "马克杯")
    second = item(partner, title="Cup")
    assert [i["id"] for i in sent(partner.get(f"{API}/mall-items"), 200)["items"]] == [
        second["id"], made["id"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "redemption.item_incomplete"),
        ({"price_points": 0}, "api.invalid_body"),
        ({"price_points": None}, "api.invalid_body"),
        ({"kind": "lottery"}, "api.invalid_body"),
        ({"stock": -1}, "api.invalid_body"),
        ({"per_member_limit": 0}, "api.invalid_body"),
        ({"price_cents": -1}, "api.invalid_body"),
        ({"status": "gone"}, "api.invalid_body"),
        ({"on_sale_from": "soon"}, "api.invalid_body"),
        ({"on_sale_until": "2300-01-01T00:00:00Z"}, "api.invalid_body"),
    ],
)
def test_items_that_are_refused_leave_nothing(partner, shop, change, code):
    made = item(partner)
    before = contents(shop)
    body = {"kind": "goods", "title": "Mug", "price_points": 80, **change}
    refusal(partner.post(f"{API}/mall-items", body), 400, code)
    change = {"title_en": "", "title_zh": ""} if "title" in change else change
    if "kind" not in change:
        refusal(partner.patch(f"{API}/mall-items/{made['id']}", change), 400, code)
    assert contents(shop) == before


def test_redeeming_moves_points_stock_and_count_together(partner, mei):
    mug = item(partner, stock=5, price_cents=990)
    give(partner, 200)
    made = sent(redeem(partner, mug, 2, address=ADDRESS))
    assert (made["points"], made["price_cents"], made["currency"], made["quantity"]) == (
        160,
        1_980,
        "CNY",
        2,
    )
    assert (made["status"], made["address"], len(made["code"])) == ("pending", ADDRESS, 11)
    assert balance(partner, mei) == (40, 0, 0, 0)
    row = MallItem.objects.get()
    assert (row.stock, row.redeemed_count) == (3, 2)
    assert sent(partner.get(f"{API}/redemptions/{made['id']}"), 200) == made


@pytest.mark.parametrize(
    ("fields", "quantity", "points", "code", "facts"),
    [
        ({"stock": 0}, 1, 999, "redemption.out_of_stock", None),
        ({"stock": 1}, 2, 999, "redemption.out_of_stock", None),
        (
            {"per_member_limit": 1},
            2,
            999,
            "redemption.limit_reached",
            {"limit": 1, "period": "ever"},
        ),
        ({}, 1, 79, "ledger.insufficient_points", {"needed": 80, "available": 79}),
        ({}, 3, 200, "ledger.insufficient_points", {"needed": 240, "available": 200}),
        ({"status": "paused"}, 1, 999, "redemption.not_on_sale", None),
        ({"status": "draft"}, 1, 999, "redemption.not_on_sale", None),
        ({"on_sale_from": "2026-03-01T04:00:01Z"}, 1, 999, "redemption.not_on_sale", None),
        ({"on_sale_until": "2026-03-01T04:00:00Z"}, 1, 999, "redemption.not_on_sale", None),
    ],
)
def test_refused_redemptions_cost_nothing(
    partner, mei, shop, fields, quantity, points, code, facts
):
    mug = item(partner, **fields)
    give(partner, points)
    before = contents(shop)
    said = refusal(redeem(partner, mug, quantity), 409, code)
    assert facts is None or said == facts
    assert contents(shop) == before


def test_a_limit_counts_what_was_kept(partner, mei):
    mug = item(partner, per_member_limit=2)
    give(partner, 999)
    first = sent(redeem(partner, mug))
    sent(redeem(partner, mug))
    refusal(redeem(partner, mug), 409, "redemption.limit_reached")
    sent(partner.post(f"{API}/redemptions/{first['id']}/cancellation", {}), 200)
    sent(redeem(partner, mug))


def test_a_window_of_sale_opens_and_closes_to_the_second(partner, mei, it_is_noon):
    mug = item(partner, on_sale_from="2026-03-01T04:00:10Z", on_sale_until="2026-03-01T04:00:20Z")
    give(partner, 999)
    refusal(redeem(partner, mug), 409, "redemption.not_on_sale")
    it_is_noon.shift(10)
    sent(redeem(partner, mug))
    it_is_noon.shift(10)
    refusal(redeem(partner, mug), 409, "redemption.not_on_sale")


def test_cancelling_gives_back_points_and_stock_once(partner, mei, shop):
    mug = item(partner, stock=1)
    give(partner, 100)
    made = sent(redeem(partner, mug))
    done = sent(
        partner.post(f"{API}/redemptions/{made['id']}/cancellation", {"reason": "broken"}), 200
    )
    assert (done["status"], done["cancelled_at"]) == ("cancelled", "2026-03-01T04:00:00Z")
    before = contents(shop)
    assert sent(partner.post(f"{API}/redemptions/{made['id']}/cancellation", {}), 200) == done
    refusal(
        partner.post(f"{API}/redemptions/{made['id']}/fulfilment", {}),
        409, "redemption.not_fulfillable",
    )  # fmt: skip
    assert contents(shop) == before
    assert balance(partner, mei) == (100, 0, 0, 0)
    row = MallItem.objects.get()
    assert (row.stock, row.redeemed_count) == (1, 0)


def test_cancelling_without_counted_stock(partner, mei):
    mug = item(partner)
    give(partner, 100)
    made = sent(redeem(partner, mug))
    sent(partner.post(f"{API}/redemptions/{made['id']}/cancellation", {}), 200)
    assert MallItem.objects.get().stock is None


def test_fulfilling_is_final(partner, mei, shop):
    mug = item(partner)
    give(partner, 100)
    made = sent(redeem(partner, mug))
    done = sent(
        partner.post(f"{API}/redemptions/{made['id']}/fulfilment", {"tracking": "SF1"}), 200
    )
    assert (done["status"], done["tracking"]) == ("fulfilled", "SF1")
    before = contents(shop)
    assert sent(partner.post(f"{API}/redemptions/{made['id']}/fulfilment", {}), 200) == done
    facts = refusal(
        partner.post(f"{API}/redemptions/{made['id']}/cancellation", {}),
        409, "redemption.not_cancellable",
    )  # fmt: skip
    assert facts == {"status": "fulfilled"}
    assert contents(shop) == before


@pytest.mark.parametrize("name", ["x", "01a20077-438c-767c-86e5-9c0bfbe1af05"])
def test_unknown_items_and_redemptions_are_404(partner, mei, shop, name):
    refusal(partner.get(f"{API}/mall-items/{name}"), 404, "redemption.item_not_found")
    refusal(partner.patch(f"{API}/mall-items/{name}", {}), 404, "redemption.item_not_found")
    refusal(partner.get(f"{API}/redemptions/{name}"), 404, "redemption.not_found")
    for what in ("cancellation", "fulfilment"):
        refusal(partner.post(f"{API}/redemptions/{name}/{what}", {}), 404, "redemption.not_found")


def test_redeeming_what_is_not_there(partner, mei, shop):
    give(partner, 100)
    mug = item(partner)
    before = contents(shop)
    ghost = {"id": "01a20077-438c-767c-86e5-9c0bfbe1af05"}
    refusal(redeem(partner, ghost), 404, "redemption.item_not_found")
    refusal(redeem(partner, {"id": "mug"}), 400, "api.invalid_body")
    refusal(redeem(partner, mug, member_external_id="nobody"), 404, "members.not_found")
    refusal(redeem(partner, mug, 0), 400, "api.invalid_body")
    refusal(redeem(partner, mug, 1_001), 400, "api.invalid_body")
    refusal(redeem(partner, mug, address={"name": "Mei"}), 400, "api.invalid_body")
    assert contents(shop) == before
