"""What is on sale, for whom, in which language and order."""

from datetime import timedelta

import pytest

from points.redemption.actions import redeem
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def test_an_item_as_a_member_sees_it(mei_browser, mei, give, put_on_sale, noon):
    give(mei, 250, at=noon)
    item = put_on_sale(
        300, price_cents=990, stock=21, per_member_limit=2, image="1f375",
        description_zh="春茶", description_en="First flush",
    )  # fmt: skip

    answer = mei_browser.get(f"/mall-items/{item.pk}")

    assert answer.json == {
        "id": str(item.pk),
        "kind": "goods",
        "title": "Longjing tea",
        "description": "First flush",
        "image": "1f375",
        "price_points": 300,
        "price_cents": 990,
        "currency": "CNY",
        "stock_left": None,
        "is_sold_out": False,
        "per_member_limit": 2,
        "per_member_period": "ever",
        "redeemed_by_me": 0,
        "missing_points": 50,
        "variants": [],
        "for_tiers": None,
        "is_for_group": False,
        "excluded_by": None,
        "delivery": "ship",
        "pickup_place": "",
        "pickup_days": None,
        "red_packet_cents": None,
        "benefit": "",
        "benefit_days": None,
        "on_sale_until": None,
    }
    assert mei_browser.get("/mall-items").json == {"items": [answer.json], "next": None}


@pytest.mark.parametrize(
    ("stock", "left", "sold_out"),
    [(None, None, False), (21, None, False), (20, 20, False), (0, 0, True)],
)
def test_the_stock_is_told_when_it_is_low(visitor, put_on_sale, stock, left, sold_out):
    item = put_on_sale(10, stock=stock)

    seen = visitor.get(f"/mall-items/{item.pk}").json

    assert (seen["stock_left"], seen["is_sold_out"]) == (left, sold_out)


def test_titles_in_the_language_of_the_request(shop, put_on_sale):
    both, chinese_only = put_on_sale(10), put_on_sale(20, title_zh="乌龙", title_en="")

    def titles(language: str) -> dict[str, str]:
        answer = Browser(shop, language).get("/mall-items")
        assert answer.headers["Content-Language"] == ("en" if language == "en" else "zh-hans")
        return {item["id"]: item["title"] for item in answer.json["items"]}

    assert titles("en") == {str(both.pk): "Longjing tea", str(chinese_only.pk): "乌龙"}
    assert titles("zh-CN") == {str(both.pk): "龙井茶", str(chinese_only.pk): "乌龙"}


def test_only_what_is_on_sale_now(visitor, put_on_sale, noon):
    second = timedelta(seconds=1)
    seen = put_on_sale(10, on_sale_from=noon, on_sale_until=noon + second)
    hidden = [
        put_on_sale(10, status="draft"),
        put_on_sale(10, status="paused"),
        put_on_sale(10, on_sale_from=noon + second),
        put_on_sale(10, on_sale_until=noon),
    ]

    assert [item["id"] for item in visitor.get("/mall-items").json["items"]] == [str(seen.pk)]
    for item in hidden:
        answer = visitor.get(f"/mall-items/{item.pk}")
        assert (answer.status, answer.code) == (404, "redemption.item_not_found")


def test_affordable_means_to_be_had_now(mei_browser, mei, give, put_on_sale, noon):
    give(mei, 500, at=noon)
    cheap, at_limit = put_on_sale(300), put_on_sale(100, per_member_limit=1)
    put_on_sale(401)
    put_on_sale(10, stock=0)
    redeem(member_id=mei.pk, item_id=at_limit.pk, quantity=1, at=noon, actor="test")

    found = mei_browser.get("/mall-items?affordable=true").json["items"]

    assert [item["id"] for item in found] == [str(cheap.pk)]
    everything = mei_browser.get("/mall-items?affordable=false").json["items"]
    assert len(everything) == 4
    mine = {item["id"]: item["redeemed_by_me"] for item in everything}
    assert mine[str(at_limit.pk)] == 1 and sum(mine.values()) == 1


def test_a_visitor_misses_nothing_and_can_have_nothing(visitor, put_on_sale):
    put_on_sale(300)

    assert visitor.get("/mall-items").json["items"][0]["missing_points"] == 0
    assert visitor.get("/mall-items?affordable=true").json["items"] == []


def test_pages_follow_the_merchants_order_without_a_gap(visitor, put_on_sale):
    items = [put_on_sale(10, position=position) for position in (3, 1, 2, 1, -5, 1, 2)]
    wanted = sorted(items, key=lambda item: (item.position, -item.pk.int))

    seen, cursor, pages = [], "", 0
    while cursor is not None:
        answer = visitor.get(f"/mall-items?limit=2{f'&cursor={cursor}' if cursor else ''}").json
        seen += [item["id"] for item in answer["items"]]
        cursor, pages = answer["next"], pages + 1

    assert seen == [str(item.pk) for item in wanted]
    assert pages == 4


def test_few_queries_however_many_items(
    visitor, mei_browser, mei, give, put_on_sale, noon, django_assert_num_queries
):
    give(mei, 500, at=noon)
    items = [put_on_sale(10) for _ in range(8)]
    mei_browser.warm_up()
    with django_assert_num_queries(3):
        mei_browser.get("/mall-items")
    with django_assert_num_queries(3):
        mei_browser.get(f"/mall-items/{items[0].pk}")
    with django_assert_num_queries(1):
        visitor.get("/mall-items")
