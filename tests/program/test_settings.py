"""Changing the programme: what is not named stays, what contradicts is refused and changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from points.ledger.models import Lot
from points.program.actions import change_program, install_program
from points.program.calculations import ProgramSettings
from points.program.errors import SettingsContradict
from points.program.models import Program
from points.program.queries import get_program
from tests.flows.test_orders import order, take


def test_the_defaults_are_those_of_the_rules(shop):
    settings = get_program().settings
    assert (settings.face_value_points_per_unit, settings.day_start_hour) == (100, 0)
    earning, expiry, offset, clawback = (
        settings.earning, settings.expiry, settings.offset, settings.clawback,
    )  # fmt: skip
    assert (earning.basis, earning.step_cents, earning.points_per_step) == ("goods_paid", 100, 1)
    assert (earning.rounding, earning.grant_on, earning.pending_days) == ("floor", "completion", 0)
    assert (expiry.policy, expiry.months, expiry.notice_days) == ("rolling", None, [30, 7])
    assert (offset.points_per_unit, offset.max_rate, offset.step_points) == (100, Decimal("0.5"), 1)
    assert (clawback.share, clawback.from_other_lots, clawback.debt) == ("by_line", True, True)
    assert settings.checkin.base_points == [1, 1, 2, 2, 3, 3, 5]
    assert (settings.checkin.cycle, settings.checkin.make_up_per_month) == ("endless", 3)


def test_what_is_not_named_stays(shop, noon):
    change_program(changes={"earning": {"step_cents": 500}}, at=noon)
    change_program(changes={"earning": {"rounding": "ceil"}, "day_start_hour": 4}, at=noon)
    settings = get_program().settings
    assert (settings.earning.step_cents, settings.earning.rounding) == (500, "ceil")
    assert (settings.day_start_hour, get_program().calendar.day_start_hour) == (4, 4)
    assert get_program().version == 3


def test_another_policy_starts_from_its_own_defaults(shop, noon):
    change_program(changes={"expiry": {"policy": "rolling", "days": 30}}, at=noon)
    change_program(changes={"expiry": {"policy": "month_end"}}, at=noon)
    expiry = get_program().settings.expiry
    assert (expiry.policy, expiry.days, expiry.months) == ("month_end", None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"earning": {"nonsense": 1}}, "earning.nonsense"),
        ({"earning": {"step_cents": 0}}, "earning.step_cents"),
        ({"earning": {"step_cents": -1}}, "earning.step_cents"),
        ({"earning": {"step_cents": 1.5}}, "earning.step_cents"),
        ({"earning": {"step_cents": "100"}}, "earning.step_cents"),
        ({"earning": {"step_cents": True}}, "earning.step_cents"),
        ({"earning": {"step_cents": 2**63}}, "earning.step_cents"),
        ({"earning": {"points_per_step": -1}}, "earning.points_per_step"),
        ({"earning": {"rounding": "up"}}, "earning.rounding"),
        ({"earning": None}, "earning"),
        ({"earning": []}, "earning"),
        ({"earning": 1}, "earning"),
        ({"expiry": {"policy": "sometimes"}}, "expiry.policy"),
        ({"expiry": {"months": 0}}, "expiry.months"),
        ({"expiry": {"policy": "fixed_date", "date": "31.12."}}, "expiry.date"),
        ({"expiry": {"policy": "fixed_date", "date": "13-01"}}, "expiry"),
        ({"expiry": {"policy": "fixed_date", "date": "00-10"}}, "expiry"),
        ({"expiry": {"policy": "fixed_date", "date": "02-30"}}, "expiry"),
        ({"expiry": {"policy": "fixed_date", "date": "02-00"}}, "expiry"),
        ({"offset": {"max_rate": "1.01"}}, "offset"),
        ({"offset": {"max_rate": "-0.1"}}, "offset"),
        ({"offset": {"max_rate": "NaN"}}, "offset"),
        ({"offset": {"max_rate": "sNaN"}}, "offset"),
        ({"offset": {"max_rate": "Infinity"}}, "offset"),
        ({"offset": {"max_rate": "half"}}, "offset.max_rate"),
        ({"offset": {"points_per_unit": 0}}, "offset.points_per_unit"),
        ({"clawback": {"debt_limit_points": -1}}, "clawback.debt_limit_points"),
        ({"checkin": {"base_points": []}}, "checkin.base_points"),
        (
            {"checkin": {"milestones": [{"kind": "weekly", "days": 1, "points": 1}]}},
            "checkin.milestones",
        ),
        ({"day_start_hour": 24}, "day_start_hour"),
        ({"face_value_points_per_unit": 0}, "face_value_points_per_unit"),
    ],
)
def test_what_contradicts_is_named_and_changes_nothing(shop, noon, changes, field):
    before = Program.objects.values().get()
    with pytest.raises(SettingsContradict) as refusal:
        change_program(changes=changes, at=noon)
    assert refusal.value.facts["field"].startswith(field)
    assert Program.objects.values().get() == before


@pytest.mark.parametrize("rate", ["0", "1", "0.5", 0.25, 1, "0.123456789"])
def test_a_share_lies_between_0_and_1(shop, noon, rate):
    change_program(changes={"offset": {"max_rate": rate}}, at=noon)
    assert get_program().settings.offset.max_rate == Decimal(str(rate))


def test_lots_keep_the_date_they_were_given(mei, noon):
    take(order(noon, external_id="A"), noon)
    (first,) = Lot.objects.values_list("expires_at", flat=True)
    change_program(changes={"expiry": {"policy": "rolling", "days": 1}}, at=noon)
    take(order(noon, external_id="B"), noon)
    kept, new = Lot.objects.order_by("id").values_list("expires_at", flat=True)
    assert kept == first
    assert new - noon < timedelta(days=2)


def test_installing_again_keeps_what_is_there(shop, noon):
    change_program(changes={"day_start_hour": 4}, at=noon)
    install_program(settings=ProgramSettings(), at=noon)
    assert get_program().settings.day_start_hour == 4


def test_two_merchants_with_the_same_version_do_not_share_settings(shop, toys, noon):
    from tenants.context import tenant_context

    change_program(changes={"day_start_hour": 4}, at=noon)
    with tenant_context(toys):
        change_program(changes={"day_start_hour": 6}, at=noon)
        assert get_program().settings.day_start_hour == 6
    assert get_program().settings.day_start_hour == 4
