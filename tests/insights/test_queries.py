"""A small history by hand, over the night in which clocks go forward, and every figure of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from kernel.clock import Calendar
from kernel.ids import new_id
from points.flows.points_adjusted import adjust_points
from points.insights.calculations import Period, liability_cents, make_period, redemption_rate
from points.insights.errors import PeriodInvalid
from points.insights.queries import dashboard, points_report
from points.insights.shapes import ReportQuery
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.queries import default_funding_source, get_balance
from points.program.queries import get_program

BERLIN = Calendar("Europe/Berlin")  # on 29 March 2026, 02:00 became 03:00


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}:00").replace(tzinfo=UTC)


def earn(member, points: int, at: datetime, *, kind: str = "earn", **fields):
    """One grant of an order."""
    payer = default_funding_source()
    defaults = {
        "member": member.pk, "amount": points, "key": f"test:{new_id()}", "occurred_at": at,
        "funding_source_id": payer.id, "account": f"issuance:{payer.code}", "kind": kind,
        "source_type": "order", "source_id": new_id(),
    }  # fmt: skip
    grant = ledger.Grant(**{**defaults, **fields})
    return ledger.grant(grants=[grant], at=at, actor="test")[0], grant


def spend(member, points: int, at: datetime):
    return ledger.spend(
        member=member.pk, points=points, key=f"test:{new_id()}", at=at, actor="test"
    )


@pytest.fixture
def history(shop, mei):
    """27 to 31 March at a shop in Berlin; the comments give the local time."""
    from points.flows.member_joined import join_member

    bao = join_member(external_id="bao", at=utc("29T21:00"))  # 29th, 23:00
    mall, _ = ledger.add_funding_source(code="mall", name="Mall", at=utc("01T00:00"))
    earn(mei, 40, utc("20T11:00"), kind="opening", source_type="import", account="opening")
    earn(mei, 1_000, utc("27T11:00"))  # 27th, 12:00
    _, last = earn(mei, 200, utc("28T22:30"), expires_at=utc("30T10:00"))  # 28th, 23:30
    earn(mei, 50, utc("28T23:30"))  # 29th, 00:30
    spent = spend(mei, 500, utc("29T21:30"))  # 29th, 23:30: of the lot that expires 200, then 300
    earn(bao, 10, utc("29T22:30"), account="issuance:mall", funding_source_id=mall.pk)  # 30th
    ledger.return_points(
        transaction_id=spent.transaction_id, points=350, key="test:return", at=utc("30T08:00"),
        actor="test",
    )  # fmt: skip
    clawing.claw_back(
        member=bao.pk, points=25, origin_id=new_id(), key="test:clawback", at=utc("30T09:00"),
        actor="test", from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip
    adjust_points(
        member_id=mei.pk, points=7, reason="x", at=utc("30T09:10"), actor="test",
        funding_source="mall",
    )  # fmt: skip
    adjust_points(member_id=mei.pk, points=-3, reason="x", at=utc("30T09:20"), actor="test")
    get_balance(member=mei.pk, at=utc("31T10:00"))  # books what expired on the 30th at 12:00
    earn(mei, 9_999, utc("30T22:00"))  # 31st, 00:00: the period is over
    return replace(get_program(), calendar=BERLIN)


def test_figures_of_the_period_and_the_one_before(history):
    """29 and 30 March against 27 and 28.

    Issued 50 + 10 against 1,200; spent 500 − 350 against 0. Of what came back, 50 belonged to the
    lot of 200 that expires on the 30th; the correction of −3 takes from it, 47 expire. Of Bao's 25,
    10 were there and 15 became debt. By hand 7 − 3.
    Outstanding: 1,240 + 60 − 150 − 47 − 25 + 4 = 1,082.
    """
    found = dashboard(period=Period(date(2026, 3, 29), date(2026, 3, 30)), program=history)
    figures = found.figures

    def both(name: str) -> tuple[int, int]:
        figure = getattr(figures, name)
        return figure.value, figure.previous

    assert both("issued_points") == (60, 1_200)
    assert both("spent_points") == (150, 0)
    assert both("expired_points") == (47, 0)
    assert both("clawed_back_points") == (25, 0)
    assert both("outstanding_points") == (1_082, 1_240)
    assert both("liability_cents") == (1_082, 1_240)
    assert both("redemption_rate") == (round(150 / 1_300, 4), 0.0)
    assert both("active_members") == (2, 1)
    assert both("orders_with_points") == (2, 2)
    assert both("new_members") == (1, 0)
    assert [
        (row.date.day, row.issued, row.spent, row.expired, row.clawed_back, row.outstanding)
        for row in found.series
    ] == [(29, 50, 500, 0, 0, 790), (30, 10, -350, 47, 25, 1_082)]


def test_outstanding_is_what_members_own(history, mei, shop):
    """The figure at the end of the 30th equals the balances of that moment."""
    from django.db import connection

    found = dashboard(period=Period(date(2026, 3, 30), date(2026, 3, 30)), program=history)
    with connection.cursor() as cursor:
        cursor.execute(
            "select sum(amount) from audit_posting where occurred_at < %s"
            " and account in ('available', 'pending', 'held', 'debt')",
            [utc("30T22:00")],
        )
        assert found.figures.outstanding_points.value == cursor.fetchone()[0]


def test_a_day_begins_when_the_shop_says(history):
    """With days from 02:00, the earning of 00:30 on the 29th belongs to the 28th."""
    early = replace(history, calendar=Calendar("Europe/Berlin", 2))
    found = dashboard(period=Period(date(2026, 3, 28), date(2026, 3, 29)), program=early)
    assert [(row.issued, row.spent) for row in found.series] == [(250, 0), (10, 500)]


def test_two_queries_however_long_the_period(history, django_assert_num_queries):
    for days in (1, 1_000):
        period = Period(date(2026, 3, 30) - timedelta(days=days - 1), date(2026, 3, 30))
        with django_assert_num_queries(2):
            assert len(dashboard(period=period, program=history).series) == days


def test_an_empty_shop_has_zeros(shop):
    found = dashboard(period=Period(date(2026, 3, 1), date(2026, 3, 2)), program=get_program())
    assert found.figures.issued_points.value == 0
    assert found.figures.redemption_rate.value == 0.0
    assert [row.outstanding for row in found.series] == [0, 0]


def report(**fields):
    return points_report(query=ReportQuery(**fields), at=utc("30T23:00"))


DAYS = {"first": date(2026, 3, 27), "last": date(2026, 3, 30)}


def test_the_report_adds_up_by_day_and_funding_source(history, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = report(**DAYS)
    totals = ("issued", "spent", "expired", "clawed_back", "adjusted")
    for name in totals:
        total = getattr(found, f"{name}_points")
        assert total == sum(getattr(item, f"{name}_points") for item in found.items), name
    # The tea shop is in Shanghai: there the 30th has ended at 16:00 UTC.
    assert (found.issued_points, found.spent_points, found.expired_points) == (1_260, 150, 47)
    assert (found.clawed_back_points, found.adjusted_points) == (25, 4)
    assert found.outstanding_points == found.liability_cents == 1_082
    assert {item.funding_source for item in found.items} == {"merchant", "mall"}


def test_the_report_by_one_of_them(history):
    by_payer = {item.funding_source: item for item in report(**DAYS, by="funding_source").items}
    assert (by_payer["mall"].issued_points, by_payer["mall"].adjusted_points) == (10, 7)
    assert by_payer["merchant"].adjusted_points == -3
    by_day = report(**DAYS, by="day").items
    assert [item.day.day for item in by_day] == [27, 29, 30]
    assert all(item.funding_source is None for item in by_day)


def test_the_report_over_http(history, partner):
    answer = partner.get("/api/v1/reports/points?from=2026-03-27&to=2026-03-30&by=day")
    assert answer.status == 200
    assert answer.json["from"] == "2026-03-27"
    assert answer.json["outstanding_points"] == 1_082
    assert answer.json["items"][0]["date"] == "2026-03-27"
    wrong = partner.get("/api/v1/reports/points?from=2026-03-27&to=2026-03-01")
    assert (wrong.status, wrong.code) == (400, "insights.period_invalid")


@pytest.mark.parametrize(
    ("points", "per_unit", "exponent", "cents"),
    [
        (12_345, 1_000, 2, 1_235),  # halves up: 1,234.5
        (12_344, 1_000, 2, 1_234),
        (250, 100, 2, 250),
        (150, 100, 0, 2),  # 1.5 yen
        (1_000, 1, 3, 1_000_000),
        (-50, 100, 2, -50),
        (0, 100, 2, 0),
    ],
)
def test_liability_at_face_value(points, per_unit, exponent, cents):
    assert liability_cents(points, points_per_unit=per_unit, exponent=exponent) == cents


def test_redemption_rate():
    assert redemption_rate(1, 3) == 0.3333
    assert redemption_rate(0, 0) == 0.0


def test_periods():
    today = date(2026, 3, 30)
    assert make_period(None, None, today=today, usual_days=90) == Period(
        date(2025, 12, 31), date(2026, 3, 30)
    )
    assert make_period(date(2027, 1, 1), None, today=today, usual_days=90) == Period(
        date(2027, 1, 1), date(2027, 1, 1)
    )
    assert Period(date(2026, 3, 1), date(2026, 3, 10)).previous() == Period(
        date(2026, 2, 19), date(2026, 2, 28)
    )
    for first, last in (
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(1900, 1, 1), None),
        (date(2020, 1, 1), date(2026, 1, 1)),
    ):
        with pytest.raises(PeriodInvalid):
            make_period(first, last, today=today, usual_days=90)


def test_a_report_without_days_covers_all_there_ever_was(mei, noon):
    earn(mei, 40, datetime(1997, 1, 1, 12, tzinfo=UTC))
    earn(mei, 2, noon)
    found = report()
    assert (found.issued_points, found.first) == (42, date(1997, 1, 1))
