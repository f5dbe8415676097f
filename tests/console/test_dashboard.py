"""The dashboard over HTTP; its numbers are proved in tests/insights."""

from datetime import UTC, datetime, timedelta

from tests.console.conftest import API


def test_the_last_ninety_days_when_nothing_is_said(console, mei, orders):
    now = datetime.now(UTC)
    orders("A-1", cents=10_900, placed_at=now - timedelta(days=1))
    orders("A-0", cents=5_000, placed_at=now - timedelta(days=100))

    answer = console.get(f"{API}/dashboard")

    assert answer.status == 200
    body = answer.json
    assert len(body["series"]) == 90
    assert (body["series"][0]["date"], body["series"][-1]["date"]) == (body["from"], body["to"])
    assert body["currency"] == "CNY"
    assert body["figures"]["issued_points"] == {"value": 109, "previous": 50}
    assert body["figures"]["outstanding_points"] == {"value": 159, "previous": 50}
    assert body["figures"]["orders_with_points"] == {"value": 1, "previous": 1}
    assert [row["external_id"] for row in body["latest_orders"]] == ["A-1", "A-0"]
    assert body["series"][-1]["outstanding"] == 159


def test_a_period_of_choice(console, mei, orders):
    orders("A-1", cents=10_900, placed_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
    answer = console.get(f"{API}/dashboard?from=2026-03-02&to=2026-03-03")
    assert [(row["date"], row["issued"]) for row in answer.json["series"]] == [
        ("2026-03-02", 109), ("2026-03-03", 0),
    ]  # fmt: skip


def test_queries(console, mei, orders, django_assert_num_queries):
    for n in range(8):
        orders(f"A-{n}")
    with django_assert_num_queries(3 + 6):
        console.get(f"{API}/dashboard")
