"""Where points came from and went: the list, the months, the lots."""

from datetime import UTC, datetime, timedelta

import pytest

from points.ledger import actions as ledger
from points.ledger.models import Transaction
from points.redemption.actions import cancel_redemption, redeem
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def test_a_line_says_all_there_is_to_say(mei_browser, mei, give, noon):
    give(mei, 240, at=noon, matures_in=7, source_type="order", reference="20260301-8")

    (line,) = mei_browser.get("/transactions").json["items"]

    row = Transaction.objects.get()
    assert line == {
        "id": str(row.pk),
        "kind": "earn",
        "unit": "points",
        "amount": 240,
        "occurred_at": "2026-03-01T04:00:00Z",
        "reason": "Order 20260301-8",
        "order_external_id": "20260301-8",
        "balance_after": 0,
        "is_pending": True,
        "matures_at": "2026-03-08T04:00:00Z",
    }


def test_newest_first_by_direction_and_page(mei_browser, mei, give, put_on_sale, noon):
    for day in range(4):
        give(mei, 100 + day, at=noon - timedelta(days=4 - day))
    made = redeem(member_id=mei.pk, item_id=put_on_sale(60).pk, quantity=1, at=noon, actor="test")
    cancel_redemption(redemption_id=made.pk, at=noon, actor="test")

    def amounts(query: str) -> list[int]:
        return [line["amount"] for line in mei_browser.get(f"/transactions{query}").json["items"]]

    assert amounts("") == [60, -60, 103, 102, 101, 100]
    assert amounts("?direction=in") == [60, 103, 102, 101, 100]
    assert amounts("?direction=out") == [-60]
    first = mei_browser.get("/transactions?limit=2&direction=in").json
    rest = mei_browser.get(f"/transactions?limit=9&direction=in&cursor={first['next']}").json
    assert [line["amount"] for line in first["items"]] == [60, 103]
    assert [line["amount"] for line in rest["items"]] == [102, 101, 100]
    assert rest["next"] is None


def test_what_became_due_stands_in_the_list_before_any_job_ran(
    mei_browser, mei, give, noon, time_machine_at
):
    give(mei, 100, at=noon, expires_in=10)
    time_machine_at.move_to(noon + timedelta(days=11))

    lines = mei_browser.get("/transactions").json["items"]

    assert [(line["kind"], line["amount"], line["balance_after"]) for line in lines] == [
        ("expire", -100, 0),
        ("earn", 100, 100),
    ]
    assert lines[0]["occurred_at"] == "2026-03-11T04:00:00Z"


def test_twelve_months_of_the_merchants_calendar(mei_browser, mei, give, put_on_sale, noon):
    """28 February, 16:30 in London is 1 March in Shanghai."""
    give(mei, 100, at=datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC))
    give(mei, 30, at=datetime(2026, 2, 28, 16, 30, tzinfo=UTC))
    give(mei, 5, at=datetime(2025, 4, 1, 4, tzinfo=UTC))
    give(mei, 7, at=datetime(2025, 3, 31, 4, tzinfo=UTC))
    redeem(member_id=mei.pk, item_id=put_on_sale(60).pk, quantity=1, at=noon, actor="test")

    months = mei_browser.get("/transactions/months").json["items"]

    assert [row["month"] for row in months] == [
        "2026-03", "2026-02", "2026-01", "2025-12", "2025-11", "2025-10",
        "2025-09", "2025-08", "2025-07", "2025-06", "2025-05", "2025-04",
    ]  # fmt: skip
    assert months[0] == {"month": "2026-03", "earned": 30, "spent": 60}
    assert months[1] == {"month": "2026-02", "earned": 100, "spent": 0}
    assert months[11] == {"month": "2025-04", "earned": 5, "spent": 0}
    assert sum(row["earned"] for row in months) == 135


def test_lots_in_the_order_in_which_they_end(mei_browser, mei, give, noon):
    give(mei, 70, at=noon)
    give(mei, 240, at=noon, expires_in=370, matures_in=5)
    give(mei, 200, at=noon, expires_in=9)
    ledger.spend(member=mei.pk, points=80, key="test:spend", at=noon, actor="test")
    ledger.hold_points(
        member=mei.pk, points=20, reference="", expires_in=timedelta(hours=1), at=noon, actor="test"
    )

    assert mei_browser.get("/lots").json == {
        "items": [
            {
                "granted": 200, "remaining": 100, "held": 20, "matures_at": "2026-03-01T04:00:00Z",
                "expires_at": "2026-03-10T04:00:00Z", "is_pending": False, "waits_for_order": None,
            },
            {
                "granted": 240, "remaining": 240, "held": 0, "matures_at": "2026-03-06T04:00:00Z",
                "expires_at": "2027-03-06T04:00:00Z", "is_pending": True, "waits_for_order": None,
            },
            {
                "granted": 70, "remaining": 70, "held": 0, "matures_at": "2026-03-01T04:00:00Z",
                "expires_at": None, "is_pending": False, "waits_for_order": None,
            },
        ]
    }  # fmt: skip


def test_a_member_sees_only_what_is_theirs(shop, mei, give, noon):
    from points.flows.member_joined import join_member

    give(mei, 100, at=noon)
    other = Browser(shop).enter(join_member(external_id="lin", at=noon))

    assert other.get("/transactions").json["items"] == []
    assert other.get("/lots").json["items"] == []
    assert other.get("/transactions/months").json["items"][0]["earned"] == 0


def test_few_queries(mei_browser, mei, give, noon, django_assert_num_queries):
    for i in range(6):
        give(mei, 100 + i, at=noon, matures_in=i)
    mei_browser.warm_up()
    with django_assert_num_queries(5):
        mei_browser.get("/transactions")
    with django_assert_num_queries(4):
        mei_browser.get("/transactions/months")
    with django_assert_num_queries(3):
        mei_browser.get("/lots")
