"""Members in the console: the list, one member's page, adding one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from tests.console.conftest import API

JOINED = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
MEMBERS = {  # number: (name, phone, e-mail, points)
    "m-1": ("Mei Lin", "13800000001", "mei@example.com", 300),
    "m-2": ("Bao", "13800000002", "", 0),
    "m-3": ("Ann Lin", "", "ann@example.com", 500),
    "x-4": ("", "13900000004", "", 200),
    "x-5": ("Cai 100%_sure", "", "", 300),
}


@pytest.fixture
def members(tea):
    """Five members who joined a day apart, and what they hold."""
    from points.flows.member_joined import join_member
    from points.flows.points_adjusted import adjust_points

    made = {}
    with tenant_context(tea):
        for day, (number, (name, phone, email, points)) in enumerate(MEMBERS.items()):
            at = JOINED + timedelta(days=day)
            made[number] = join_member(
                external_id=number, name=name, phone=phone, email=email, at=at
            )
            if points:
                adjust_points(
                    member_id=made[number].pk, points=points, reason="Start", at=at, actor="test"
                )
    return made


def numbers(answer) -> list[str]:
    assert answer.status == 200, answer
    return [row["external_id"] for row in answer.json["items"]]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-joined_at", ["x-5", "x-4", "m-3", "m-2", "m-1"]),
        ("-available", ["m-3", "x-5", "m-1", "x-4", "m-2"]),
        ("name", ["m-3", "m-2", "x-5", "m-1", "x-4"]),
    ],
)
def test_the_list_is_sorted_and_read_page_by_page(console, members, sort, expected):
    assert numbers(console.get(f"{API}/members?sort={sort}")) == expected

    seen, cursor = [], ""
    for _ in range(5):
        answer = console.get(f"{API}/members?sort={sort}&limit=2{cursor}")
        seen += numbers(answer)
        assert answer.json["total"] == 5
        if answer.json["next"] is None:
            break
        cursor = f"&cursor={answer.json['next']}"
    assert seen == expected


def test_sorted_by_what_was_earned_in_a_lifetime(console, members, orders):
    orders("A-1", member="m-2", cents=20_000)
    orders("A-2", member="x-4", cents=5_000)
    answer = console.get(f"{API}/members?sort=-lifetime_earned&limit=2")
    assert numbers(answer) == ["m-2", "x-4"]
    assert [row["points"]["lifetime_earned"] for row in answer.json["items"]] == [200, 50]
    rest = console.get(f"{API}/members?sort=-lifetime_earned&cursor={answer.json['next']}")
    assert sorted(numbers(rest)) == ["m-1", "m-3", "x-5"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("m-", ["m-3", "m-2", "m-1"]),
        ("lin", ["m-3", "m-1"]),
        ("MEI", ["m-1"]),
        ("138 0000", ["m-2", "m-1"]),
        ("ANN@", ["m-3"]),
        ("-7", []),
        ("%25", []),
        ("100%25_", ["x-5"]),
        ("100__", []),
        ("nobody", []),
        ("\\", []),
    ],
)
def test_search_by_the_beginning_of_what_names_a_member(console, members, q, expected):
    answer = console.get(f"{API}/members?q={q}")
    assert numbers(answer) == expected
    assert answer.json["total"] == len(expected)


def test_the_code_shown_at_the_till_finds_the_member(console, members):
    assert numbers(console.get(f"{API}/members?q={members['m-2'].code}")) == ["m-2"]


def test_contacts_are_masked_for_roles_that_may_not_change_members(console_as, members):
    support, analyst = console_as("support"), console_as("analyst")
    seen = support.get(f"{API}/members?q=m-1").json["items"][0]
    masked = analyst.get(f"{API}/members?q=m-1").json["items"][0]
    assert (seen["phone"], seen["email"]) == ("13800000001", "mei@example.com")
    assert (masked["phone"], masked["email"]) == ("138****0001", "m***@example.com")
    one = analyst.get(f"{API}/members/{members['m-1'].pk}").json
    assert (one["phone"], one["email"]) == ("138****0001", "m***@example.com")
    # A search by prefix would unmask them figure by figure; in full they are found.
    assert numbers(analyst.get(f"{API}/members?q=1380000000")) == []
    assert numbers(analyst.get(f"{API}/members?q=13800000001")) == ["m-1"]
    assert numbers(analyst.get(f"{API}/members?q=mei@e")) == []


def test_the_number_of_queries_does_not_grow_with_the_list(
    console, members, django_assert_num_queries
):
    with django_assert_num_queries(3 + 5):
        console.get(f"{API}/members?limit=1")
    with django_assert_num_queries(3 + 5):
        console.get(f"{API}/members?limit=100&sort=-available")
    with django_assert_num_queries(3 + 7):
        console.get(f"{API}/members/{members['m-1'].pk}")


def test_one_member_with_everything_the_page_shows(console, members, orders, tea):
    from points.members.actions import change_member

    orders("A-1", member="m-1", cents=10_900)
    member = members["m-1"]
    with tenant_context(tea):
        change_member(
            at=datetime(2026, 3, 1, tzinfo=UTC),
            member_id=member.pk,
            changes={"birthday": date(1990, 5, 17), "tags": ["tea lover"]},
        )

    answer = console.get(f"{API}/members/{member.pk}")

    assert answer.status == 200
    assert answer.json["points"] == {
        "available": 409, "pending": 0, "held": 0, "debt": 0, "lifetime_earned": 109,
    }  # fmt: skip
    assert answer.json["orders_count"] == 1
    assert answer.json["spent_cents"] == 10_900
    assert answer.json["birthday"] == "1990-05-17"
    assert answer.json["tags"] == ["tea lover"]
    assert (answer.json["growth"], answer.json["cash_cents"]) == (0, 0)
    # Twelve months to the end of the local day: the adjustment of 1 January expires first.
    assert answer.json["next_expiry"] == {"points": 300, "expires_at": "2027-01-01T16:00:00Z"}


def test_a_member_of_another_shop_is_not_there(console, tao):
    for path in ("", "/transactions", "/lots", "/orders", "/redemptions"):
        answer = console.get(f"{API}/members/{tao.pk}{path}")
        assert (answer.status, answer.code) == (404, "members.not_found")
    assert console.get(f"{API}/members/not-an-id").code == "members.not_found"


def test_the_ledger_names_reason_order_and_who_did_it(console, members, orders, owner):
    orders("A-1", member="m-1", cents=10_900)
    path = f"{API}/members/{members['m-1'].pk}"
    console.post(f"{path}/adjustments", {"points": -9, "reason": "Wrong till"}, idem="new")

    rows = console.get(f"{path}/transactions").json["items"]

    assert [(row["kind"], row["amount"], row["balance_after"]) for row in rows] == [
        ("adjust", -9, 400), ("earn", 109, 409), ("adjust", 300, 300),
    ]  # fmt: skip
    assert rows[0]["actor"] == "Lin Owner"
    assert rows[0]["note"] == "Wrong till"
    assert rows[1]["order_external_id"] == "A-1"
    assert rows[1]["reason"] == "Order A-1"
    assert numbered(console, f"{path}/transactions?direction=in&limit=1") == [109, 300]
    assert numbered(console, f"{path}/transactions?direction=out") == [-9]


def numbered(console, path: str) -> list[int]:
    """Amounts of all pages of a ledger."""
    amounts, cursor = [], ""
    while True:
        answer = console.get(path + cursor)
        amounts += [row["amount"] for row in answer.json["items"]]
        if answer.json["next"] is None:
            return amounts
        cursor = f"&cursor={answer.json['next']}"


def test_lots_in_the_order_in_which_they_will_be_spent(console, members, orders):
    orders("A-2", member="m-1", cents=20_000, placed_at=JOINED + timedelta(days=40))
    orders("A-1", member="m-1", cents=10_900, placed_at=JOINED + timedelta(days=20))
    path = f"{API}/members/{members['m-1'].pk}/lots"

    first = console.get(f"{path}?limit=2").json
    last = console.get(f"{path}?limit=2&cursor={first['next']}").json

    lots = [*first["items"], *last["items"]]
    assert last["next"] is None
    assert [(lot["granted"], lot["order_external_id"]) for lot in lots] == [
        (300, None), (109, "A-1"), (200, "A-2"),
    ]  # fmt: skip
    assert lots[1]["funding_source"]["code"] == "merchant"
    assert lots[1]["is_pending"] is False


def test_orders_and_redemptions_of_one_member(console, members, orders, tea):
    from points.redemption.actions import create_item, redeem

    orders("A-1", member="m-1")
    orders("B-1", member="m-2")
    now = JOINED + timedelta(days=100)
    with tenant_context(tea):
        item = create_item(fields={"kind": "goods", "title_en": "Cup", "price_points": 100}, at=now)
        redeem(member_id=members["m-1"].pk, item_id=item.pk, quantity=2, at=now, actor="test")
    path = f"{API}/members/{members['m-1'].pk}"
    assert [row["external_id"] for row in console.get(f"{path}/orders").json["items"]] == ["A-1"]
    redeemed = console.get(f"{path}/redemptions").json["items"]
    assert [(row["mall_item"]["title"], row["points"]) for row in redeemed] == [("Cup", 200)]


def test_adding_a_member(console, tea):
    answer = console.post(
        f"{API}/members", {"name": "  Xu  ", "phone": "138-0000-0009", "email": "XU@example.com"}
    )
    assert answer.status == 201
    assert answer.json["name"] == "Xu"
    assert answer.json["phone"] == "13800000009"
    assert answer.json["email"] == "xu@example.com"
    assert answer.json["points"]["available"] == 0
    assert answer.json["external_id"].startswith("c-")

    again = console.post(f"{API}/members", {"name": "Other", "phone": "13800000009"})
    assert (again.status, again.code) == (409, "members.phone_taken")
    own = console.post(f"{API}/members", {"external_id": answer.json["external_id"]})
    assert own.code == "members.external_id_taken"
    assert own.json["facts"]["member_id"] == answer.json["id"]
    assert console.get(f"{API}/members").json["total"] == 1


def test_a_members_check_ins_are_seen(console, tea, mei):
    from points.checkin.actions import check_in

    with tenant_context(tea):
        for day in (1, 2, 3):
            check_in(member_id=mei.pk, at=datetime(2026, 3, day, 4, tzinfo=UTC), actor="t")
    month = console.get(f"{API}/members/{mei.pk}/check-ins?month=2026-03").json
    assert [(one["date"], one["streak"], one["points"]) for one in month["days"]] == [
        ("2026-03-01", 1, 1), ("2026-03-02", 2, 1), ("2026-03-03", 3, 2),
    ]  # fmt: skip
    assert console.get(f"{API}/members/nobody/check-ins").code == "members.not_found"
    assert console.get(f"{API}/members/{mei.pk}/check-ins?month=2026-13").status == 400
