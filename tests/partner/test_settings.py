"""The programme, payers, the report, and the test clock."""

import pytest

from kernel.models import TestClock
from points.ledger.models import FundingSource, Transaction
from tests.partner.calls import API, balance, contents, give, order_body, refund_body, refusal, sent


def test_the_programme_is_read_and_changed_by_section(partner):
    read = sent(partner.get(f"{API}/program"), 200)
    assert read["earning"] == {
        "basis": "goods_paid", "step_cents": 100, "points_per_step": 1, "rounding": "floor",
        "grant_on": "completion", "pending": "days", "pending_days": 0, "return_window_days": 7,
        "excluded_categories": [],
        "excluded_skus": [],
    }  # fmt: skip
    changed = sent(partner.patch(f"{API}/program", {"earning": {"step_cents": 500}}), 200)
    assert changed == {**read, "earning": {**read["earning"], "step_cents": 500}}
    assert sent(partner.get(f"{API}/program"), 200) == changed


@pytest.mark.parametrize(
    "change",
    [
        {"nonsense": 1}, {"earning": {"nonsense": 1}}, {"earning": {"step_cents": 0}},
        {"earning": {"step_cents": "100"}}, {"offset": {"max_rate": "NaN"}},
        {"offset": {"max_rate": 2}}, {"expiry": {"policy": "fixed_date", "date": "13-41"}},
        {"expiry": None}, {"earning": {"step_cents": None}}, {"day_start_hour": 24},
        {"earning": {"excluded_categories": [1]}}, {"earning": [[]]},
    ],
)  # fmt: skip
def test_settings_that_contradict_are_refused_whole(partner, shop, change):
    before = contents(shop)
    body = {"face_value_points_per_unit": 200, **change}
    refusal(partner.patch(f"{API}/program", body), 400, "program.settings_contradict")
    assert contents(shop) == before


def test_a_changed_rule_is_for_what_comes_after(partner, mei):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)))
    sent(partner.patch(f"{API}/program", {"earning": {"points_per_step": 2}}), 200)
    sent(partner.post(f"{API}/orders", order_body("B", 1_000)))
    sent(partner.post(f"{API}/orders/A/refunds", refund_body("R", 1_000)))
    assert balance(partner, mei) == (20, 0, 0, 0)


def test_payers_are_made_once_and_listed(partner):
    body = {"code": "brand-1", "name": "Brand", "unit_cost_cents_per_1000_points": 400}
    assert sent(partner.post(f"{API}/funding-sources", body)) == {**body, "budget": None}
    other = {**body, "name": "Other"}
    assert sent(partner.post(f"{API}/funding-sources", other), 200)["name"] == "Other"
    listed = sent(partner.get(f"{API}/funding-sources"), 200)["items"]
    assert [x["code"] for x in listed] == ["merchant", "brand-1"]
    assert FundingSource.objects.get(code="brand-1").unit_cost_micros == 400_000


@pytest.mark.parametrize("code", ["", "Brand", "a b", "-a", "x" * 41, "品牌", "a\n", "issuance:x"])
def test_odd_codes_of_payers_are_refused(partner, shop, code):
    before = contents(shop)
    body = {"code": code, "name": "Brand"}
    refusal(partner.post(f"{API}/funding-sources", body), 400, "api.invalid_body")
    assert contents(shop) == before


def test_the_report_adds_up(partner, mei, it_is_noon):
    sent(partner.patch(f"{API}/program", {"expiry": {"policy": "rolling", "days": 3}}), 200)
    sent(partner.post(f"{API}/orders", order_body("A", 10_000)))
    it_is_noon.shift(86_400)
    give(partner, -30)
    sent(partner.post(f"{API}/orders/A/refunds", refund_body("R", 2_000)))
    it_is_noon.shift(86_400 * 5)
    assert balance(partner, mei) == (0, 0, 0, 0)

    report = sent(partner.get(f"{API}/reports/points?from=2026-03-01&to=2026-03-10"), 200)
    assert {k: v for k, v in report.items() if k.endswith("_points")} == {
        "issued_points": 100, "spent_points": 0, "expired_points": 50, "clawed_back_points": 20,
        "adjusted_points": -30, "outstanding_points": 0,
    }  # fmt: skip
    early = sent(partner.get(f"{API}/reports/points?from=2026-03-01&to=2026-03-01"), 200)
    assert (early["issued_points"], early["outstanding_points"], early["liability_cents"]) == (
        100,
        100,
        100,
    )


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "from=2026-03-02&to=2026-03-01", "from=2026-02-30", "by=member", "to=%00",
     "from=", "days=3", "from=0001-01-01&to=9999-12-31"],
)  # fmt: skip
def test_reports_of_impossible_periods_are_refused(partner, query):
    answer = partner.get(f"{API}/reports/points?{query}")
    assert answer.status == 400 and answer.code, answer


def test_a_live_merchant_has_no_test_clock(partner, shop):
    before = contents(shop)
    refusal(partner.get(f"{API}/test-clock"), 404, "api.not_found")
    body = {"now": "2030-01-01T00:00:00Z", "run_jobs": True}
    refusal(partner.post(f"{API}/test-clock", body), 404, "api.not_found")
    assert contents(shop) == before


def join(api, name="sam"):
    return sent(api.post(f"{API}/members", {"external_id": name}))["id"]


def usd(name, *cents, **more):
    return order_body(name, *cents, member_external_id="sam", currency="USD", **more)


def move(api, to, run_jobs=False):
    return api.post(f"{API}/test-clock", {"now": to, "run_jobs": run_jobs})


def test_the_test_clock_moves_forward_only(lab):
    assert sent(lab.get(f"{API}/test-clock"), 200) == {"now": "2026-03-01T04:00:00Z", "jobs": {}}
    assert sent(move(lab, "2026-03-02T00:00:00Z"), 200)["now"] == "2026-03-02T00:00:00Z"
    assert sent(move(lab, "2026-03-02T00:00:00Z"), 200)["now"] == "2026-03-02T00:00:00Z"
    facts = refusal(move(lab, "2026-03-01T23:59:59Z"), 409, "flows.clock_runs_forward")
    assert facts["now"].startswith("2026-03-02T00:00:00")
    assert sent(lab.get(f"{API}/test-clock"), 200)["now"] == "2026-03-02T00:00:00Z"
    for wrong in ("2200-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "tomorrow", None, "2026-03-03"):
        refusal(move(lab, wrong), 400, "api.invalid_body")


def test_the_first_setting_may_go_back_while_nothing_has_happened(lab, _lab):
    from django_tenants.utils import tenant_context

    def without_a_clock():
        with tenant_context(_lab):
            TestClock.objects.all().delete()

    without_a_clock()  # it is noon of 1 March 2026 by the real clock
    join(lab)
    sent(move(lab, "2025-01-01T00:00:00Z"), 200)
    without_a_clock()
    give(lab, 5, member="sam")
    facts = refusal(move(lab, "2025-01-01T00:00:00Z"), 409, "flows.clock_runs_forward")
    now = sent(lab.get(f"{API}/test-clock"), 200)["now"]
    assert facts["now"][:16] == now[:16]
    with tenant_context(_lab):
        assert not TestClock.objects.exists()
    sent(move(lab, "2101-01-01T00:00:00Z"), 200)


def test_the_own_clock_is_the_time_of_everything(lab):
    join(lab)
    sent(move(lab, "2031-07-01T12:00:00Z"), 200)
    made = sent(
        lab.post(
            f"{API}/holds",
            {"member_external_id": "sam", "points": 1, "reference": "x"}, idem="new",
        )
        if give(lab, 5, member="sam") else None
    )  # fmt: skip
    assert (made["created_at"], made["expires_at"]) == (
        "2031-07-01T12:00:00Z",
        "2031-07-01T12:30:00Z",
    )


def test_run_jobs_books_maturity_and_expiry(lab, _lab):
    from django_tenants.utils import tenant_context

    member = join(lab)
    rules = {"earning": {"pending_days": 7}, "expiry": {"policy": "rolling", "days": 30}}
    sent(lab.patch(f"{API}/program", rules), 200)
    sent(lab.post(f"{API}/orders", usd("A", 10_000)))

    def points():
        return sent(lab.get(f"{API}/members/{member}"), 200)["points"]

    def booked():
        with tenant_context(_lab):
            return list(
                Transaction.objects.order_by("occurred_at", "id").values_list("kind", "amount")
            )

    assert (points()["available"], points()["pending"]) == (0, 100)
    moved = sent(move(lab, "2026-03-08T03:59:59Z", run_jobs=True), 200)
    assert moved["jobs"]["wallets_refreshed"] == 0
    assert booked() == [("earn", 100)]

    moved = sent(move(lab, "2026-03-08T04:00:00Z", run_jobs=True), 200)
    assert moved["jobs"]["wallets_refreshed"] == 1
    assert booked() == [("earn", 100), ("mature", 0)]
    assert (points()["available"], points()["pending"]) == (100, 0)

    # Earned on 28 February, 23:00 in New York: 30 days later is 30 March, to its end.
    moved = sent(move(lab, "2026-03-31T03:59:59Z", run_jobs=True), 200)
    assert (moved["jobs"]["wallets_refreshed"], points()["available"]) == (0, 100)
    moved = sent(move(lab, "2026-03-31T04:00:00Z", run_jobs=True), 200)
    assert (moved["jobs"]["wallets_refreshed"], points()["available"]) == (1, 0)
    assert booked()[-1] == ("expire", -100)
    moved = sent(move(lab, "2027-03-31T04:00:00Z", run_jobs=True), 200)
    assert moved["jobs"]["wallets_refreshed"] == 0


@pytest.mark.parametrize(
    ("placed", "gone"),
    [
        # New York: daylight saving begins on 8 March and ends on 1 November 2026
        ("2026-03-06T12:00:00-05:00", "2026-03-08T05:00:00Z"),
        ("2026-03-07T12:00:00-05:00", "2026-03-09T04:00:00Z"),
        ("2026-10-30T12:00:00-04:00", "2026-11-01T04:00:00Z"),
        ("2026-10-31T12:00:00-04:00", "2026-11-02T05:00:00Z"),
        # late in the evening it is the next day in Greenwich already
        ("2026-06-01T23:30:00-04:00", "2026-06-03T04:00:00Z"),
        ("2026-06-01T04:30:00+01:00", "2026-06-02T04:00:00Z"),
    ],
)
def test_points_expire_when_the_day_ends_where_the_shop_is(lab, placed, gone):
    join(lab)
    sent(lab.patch(f"{API}/program", {"expiry": {"policy": "rolling", "days": 1}}), 200)
    made = sent(lab.post(f"{API}/orders", usd("A", 500, placed_at=placed, completed_at=placed)))
    assert made["points"]["lots"][0]["expires_at"] == gone


def test_a_day_may_begin_at_four_in_the_morning(lab):
    join(lab)
    rules = {"expiry": {"policy": "rolling", "days": 1}, "day_start_hour": 4}
    sent(lab.patch(f"{API}/program", rules), 200)
    placed = "2026-06-02T03:59:00-04:00"  # still the 1st
    made = sent(lab.post(f"{API}/orders", usd("A", 500, placed_at=placed, completed_at=placed)))
    assert made["points"]["lots"][0]["expires_at"] == "2026-06-03T08:00:00Z"
