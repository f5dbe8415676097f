"""Golden cases of the rules from outside; the pages of docs/algorithms have the same numbers."""

import pytest

from tests.scenarios.conftest import API

NEVER = {"policy": "never"}


def earning(**more):
    return {
        "basis": "goods_paid",
        "step_cents": 100,
        "points_per_step": 1,
        "rounding": "floor",
        **more,
    }


def line_points(order):
    return [line["points"] for line in order["lines"]]


# Earning (docs/algorithms/earning.md, largest-remainder.md)


@pytest.mark.parametrize(
    ("rounding", "cents", "points"),
    [
        ("floor", 149, 1), ("floor", 199, 1), ("half_up", 149, 1), ("half_up", 150, 2),
        ("ceil", 100, 1), ("ceil", 101, 2), ("half_up", 49, 0), ("half_up", 50, 1), ("ceil", 1, 1),
    ],
)  # fmt: skip
def test_rounding(shop_in, rounding, cents, points):
    shop = shop_in("shanghai").at(
        "2026-03-01 12:00", earning=earning(rounding=rounding), expiry=NEVER
    )
    assert shop.order("mei", cents)["points"]["earned"] == points


def test_109_00_at_10_points_per_100_00_is_10(shop_in):
    rule = earning(step_cents=10_000, points_per_step=10)
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=rule, expiry=NEVER)
    assert shop.order("mei", 10_900)["points"]["earned"] == 10
    assert shop.order("mei", 19_999, 1)["points"]["earned"] == 20


@pytest.mark.parametrize(
    ("cents", "points"),
    [
        ((1_050, 9_960), [10, 100]), ((334, 333, 333), [4, 3, 3]), ((70, 70, 70), [1, 1, 0]),
        ((50, 50), [1, 0]), ((50, 100), [0, 1]), ((0, 100), [0, 1]),
    ],
)  # fmt: skip
def test_lines_share_by_largest_remainder_ties_to_the_earlier(shop_in, cents, points):
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=earning(), expiry=NEVER)
    assert line_points(shop.order("mei", *cents)) == points


@pytest.mark.parametrize(
    ("place", "step", "cents", "points", "quote"),
    [
        # 1,090 yen at 1 for each 100; half of 1,000 yen may be paid with points, one for one.
        ("tokyo", 100, 1_090, 10, (1_000, 1, 500, 500)),
        # 10.900 dinars at 1 for each dinar; 100 points are a dinar, a thousand fils.
        ("kuwait", 1_000, 10_900, 10, (4_000, 100, 200, 2_000)),
    ],
)
def test_currencies_without_and_with_three_decimals(shop_in, place, step, cents, points, quote):
    amount, per_unit, most, worth = quote
    shop = shop_in(place).at(
        "2026-03-01 12:00", earning=earning(step_cents=step), expiry=NEVER,
        offset={"points_per_unit": per_unit},
    )  # fmt: skip
    assert shop.order("mei", cents)["points"]["earned"] == points
    shop.ok(
        shop.post("/adjustments", {"member_external_id": "mei", "points": 9_000, "reason": "x"})
    )
    found = shop.ok(shop.post("/quotes", {"member_external_id": "mei", "amount_cents": amount}))
    assert (found["max_points"], found["max_discount_cents"]) == (most, worth)


def test_an_order_told_again_a_year_later_earns_nothing_more(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=earning(), expiry=NEVER)
    order = shop.order("mei", 11_010)
    shop.at("2027-03-02 12:00")
    again = shop.post("/orders", order["told"])
    assert (again.status, again.json["points"]["earned"]) == (200, 110)
    changed = shop.post("/orders", {**order["told"], "tax_cents": 1})
    assert (changed.status, changed.code) == (409, "orders.conflict")
    assert shop.points("mei") == (110, 0, 0, 0)


# Lots (lots-and-expiry.md)


def test_500_that_end_and_300_that_stay_less_400_are_300(shop_in):
    shop = shop_in("york").at("2026-03-01 12:00", expiry={"policy": "rolling", "days": 10})
    shop.order("mei", 50_000)
    shop.at("2026-03-01 13:00", expiry=NEVER)
    shop.order("mei", 30_000)
    shop.spend("mei", 400)
    shop.at("2026-03-12 00:00")
    assert shop.points("mei") == (300, 0, 0, 0)


def test_points_end_with_the_local_day_swept_or_not(shop_in):
    shop = shop_in("york").at("2026-03-01 12:00", expiry={"policy": "rolling", "days": 10})
    shop.order("mei", 50_000)
    shop.at("2026-03-11 23:59:59")
    assert shop.points("mei") == (500, 0, 0, 0)
    shop.at("2026-03-12 00:00")
    refused = shop.hold("mei", 1)
    assert (refused.status, refused.code) == (409, "ledger.insufficient_points")
    assert shop.points("mei") == (0, 0, 0, 0) and shop.lots("mei") == []


def test_10_days_left_refunded_after_2_leave_8(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", expiry={"policy": "rolling", "days": 10})
    shop.order("mei", 100_000)
    end = shop.lots("mei")[0]["expires_at"]
    hold = shop.ok(shop.hold("mei", 400))["id"]
    bought = shop.order("mei", 1_000, status="paid", hold_id=hold)
    shop.at("2026-03-03 12:00")
    assert shop.refund(bought, ("1", 1_000))["points"]["returned"] == 400
    assert [(lot["remaining"], lot["expires_at"]) for lot in shop.lots("mei")] == [(1_000, end)]


def test_what_returns_to_a_lot_that_is_over_is_gone_and_pays_no_debt(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", expiry={"policy": "rolling", "days": 10})
    earned = shop.order("mei", 40_000)
    hold = shop.ok(shop.hold("mei", 400))["id"]
    bought = shop.order("mei", 400, status="paid", hold_id=hold)
    assert shop.refund(earned, ("1", 5_000))["points"]["debt"] == 50
    shop.at("2026-03-12 00:00")
    assert shop.refund(bought, ("1", 400))["points"]["returned"] == 400
    assert shop.points("mei") == (0, 0, 0, 50)


# Refunds (clawback.md)


def test_70_back_with_20_left_owe_50_and_the_next_60_leave_10(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=earning(), expiry=NEVER)
    order = shop.order("mei", 7_000)
    shop.spend("mei", 50)
    points = shop.refund(order, ("1", 7_000))["points"]
    assert (points["clawed_back"], points["debt"]) == (70, 50)
    assert shop.points("mei") == (0, 0, 0, 50)
    shop.order("mei", 6_000)
    assert shop.points("mei") == (10, 0, 0, 0)


def test_points_under_a_hold_are_owed_and_pay_when_it_runs_out(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=earning(), expiry=NEVER)
    order = shop.order("mei", 7_000)
    shop.ok(shop.hold("mei", 70))
    shop.refund(order, ("1", 7_000))
    assert shop.points("mei") == (0, 0, 70, 70)
    shop.at("2026-03-01 12:29:59")
    assert shop.points("mei") == (0, 0, 70, 70)
    shop.at("2026-03-01 12:30")
    assert shop.points("mei") == (0, 0, 0, 0)


@pytest.mark.parametrize("is_early", [True, False])
def test_refunds_before_the_completion_end_like_those_after_it(shop_in, is_early):
    shop = shop_in("shanghai").at("2026-03-01 12:00", earning=earning(), expiry=NEVER)
    order = shop.order("mei", 1_000, 9_960, status="paid")

    def complete():
        body = {"completed_at": "2026-03-01T12:00:00+08:00"}
        shop.ok(shop.post(f"/orders/{order['external_id']}/completion", body))

    if not is_early:
        complete()
    for cents in (333, 333):
        shop.refund(order, ("1", cents))
    if is_early:
        assert shop.points("mei") == (0, 0, 0, 0)
        complete()
    # 109 earned: 10 on the line of 10.00, of which ⌊6.66⌋ go back.
    assert shop.points("mei") == (109 - 6, 0, 0, 0)
    shop.refund(order, ("1", 334), ("2", 9_960))
    assert shop.points("mei") == (0, 0, 0, 0)


# Days (check-in.md, docs/concepts/time.md)


@pytest.mark.parametrize(
    ("place", "days"),
    [
        ("york", ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"]),
        ("york", ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]),
        ("berlin", ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]),
        ("berlin", ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26"]),
    ],
)
@pytest.mark.parametrize(
    ("starts", "first", "last"), [(0, "00:00", "23:59"), (4, "04:00", "23:59")]
)
def test_a_streak_runs_over_the_change_of_the_clocks(shop_in, place, days, starts, first, last):
    shop = shop_in(place).at(
        f"{days[0]} 12:00", day_start_hour=starts,
        checkin={"base_points": [1, 2, 3, 4, 5, 6, 7], "cycle": "endless"},
    )  # fmt: skip
    shop.join("mei", "ann")
    assert shop.check_in("mei") == (1, 1)
    for streak, day in enumerate(days[1:], 2):
        shop.at(f"{day} {first}")
        assert shop.check_in("mei") == (streak, streak)
        assert shop.check_in("mei") == "earning.already_checked_in"
        shop.at(f"{day} {last}")
        assert shop.check_in("mei") == "earning.already_checked_in"
        assert shop.check_in("ann") == (streak - 1, streak - 1)


def test_23_59_and_00_01_are_two_days_and_the_eighth_starts_over(shop_in):
    shop = shop_in("shanghai").at(
        "2026-12-28 23:59", checkin={"base_points": [1, 2, 3, 4, 5, 6, 7], "cycle": "endless"}
    )
    shop.join("mei")
    found = [shop.check_in("mei")]
    for day in ("2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03",
                "2027-01-04"):  # fmt: skip
        shop.at(f"{day} 00:01")
        found.append(shop.check_in("mei"))
    assert found == [(n, n) for n in range(1, 8)] + [(8, 1)]
    assert shop.points("mei") == (29, 0, 0, 0)


def test_half_past_midnight_belongs_to_yesterday_where_days_begin_at_four(shop_in):
    shop = shop_in("shanghai").at(
        "2026-03-01 23:50", day_start_hour=4, expiry={"policy": "rolling", "days": 1},
        earning=earning(),
    )  # fmt: skip
    shop.join("mei")
    shop.ok(shop.post("/earning-rules", {
        "code": "daily", "name": "Daily", "trigger": "custom:seen", "status": "published",
        "reward": {"kind": "fixed", "points": 5}, "limits": {"per_member": {"day": 1}},
    }))  # fmt: skip

    def seen(name):
        body = {
            "id": name,
            "type": "custom:seen",
            "member_external_id": "mei",
            "occurred_at": shop.now.isoformat(),
        }
        return shop.ok(shop.post("/events", body))["points_earned"]

    assert seen("a") == 5
    shop.at("2026-03-02 00:30")
    assert seen("b") == 0
    shop.order("mei", 1_000)
    # Of the business day of 1 March, like the five: gone when that of 2 March is over.
    assert {lot["expires_at"] for lot in shop.lots("mei")} == {"2026-03-02T20:00:00Z"}
    shop.at("2026-03-02 04:00")
    assert seen("c") == 5
    shop.at("2026-03-03 03:59:59")
    assert shop.points("mei") == (20, 0, 0, 0)
    shop.at("2026-03-03 04:00")
    assert shop.points("mei") == (5, 0, 0, 0)


# Who bears the cost (rules.md §6)


def test_two_payers_bear_their_part_of_one_spend_to_the_cent(shop_in):
    shop = shop_in("shanghai").at("2026-03-01 12:00", expiry=NEVER)
    shop.join("mei")
    for code, cost in (("brand", 1_000), ("supplier", 333)):
        shop.ok(shop.post("/funding-sources", {
            "code": code, "name": code.title(), "unit_cost_cents_per_1000_points": cost,
        }))  # fmt: skip
    for code, points in (("brand", 300), ("supplier", 200)):
        shop.ok(shop.post("/adjustments", {
            "member_external_id": "mei", "points": points, "reason": "x", "funding_source": code,
        }))  # fmt: skip
    hold = shop.ok(shop.hold("mei", 400))["id"]
    bought = shop.order("mei", 400, status="paid", hold_id=hold)

    def statement():
        items = shop.ok(shop.api.get(f"{API}/reports/settlement?month=2026-03"))["items"]
        return {
            one["funding_source"]: (one["spent_points"], one["returned_points"], one["cost_cents"])
            for one in items if one["funding_source"] != "merchant"
        }  # fmt: skip

    # 300 at one fen, 100 at a third of a fen: 33.3.
    assert statement() == {"brand": (300, 0, 300), "supplier": (100, 0, 33)}
    shop.refund(bought, ("1", 200))
    # Half of the 400 come back, last drawn first: 100 of the supplier's, 100 of the brand's.
    assert statement() == {"brand": (300, 100, 200), "supplier": (100, 100, 0)}
