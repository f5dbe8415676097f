"""Whatever looks at a wallet, and however late: the same lots pay, and what is over pays nothing."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import Calendar
from points.ledger import actions, expiring
from points.ledger.models import Lot, Transaction, Wallet
from points.ledger.reconciliation import find_inconsistencies
from points.program.calculations import Expiry, expires_at, idle_rule
from tests.ledger.test_actions import balance, claw, give

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def owe(member, points, at):
    """A debt, of points an order gave that are gone."""
    claw(member, points, uuid.uuid4(), at)


def spend(member, points, key, at):
    return actions.spend(member=member.pk, points=points, key=key, at=at, actor="t")


def all_of(found):
    return found.available, found.pending, found.held, found.debt


def test_points_that_return_to_a_lot_that_is_over_pay_no_debt(mei, noon):
    give(mei, 400, "a", noon, expires_at=noon + 10 * DAY)
    spent = spend(mei, 400, "s", noon)
    owe(mei, 50, noon)
    late = noon + 12 * DAY
    actions.return_points(transaction_id=spent.transaction_id, key="r", at=late, actor="t")
    assert all_of(balance(mei, late)) == (0, 0, 0, 50)


def test_they_expire_when_they_came_back_and_not_in_a_month_that_is_closed(mei, noon):
    give(mei, 400, "a", noon, expires_at=noon + 10 * DAY)
    spent = spend(mei, 400, "s", noon)
    late = noon + 60 * DAY
    actions.return_points(transaction_id=spent.transaction_id, key="r", at=late, actor="t")
    assert Transaction.objects.get(kind="expire").occurred_at == late
    assert all_of(balance(mei, late)) == (0, 0, 0, 0)


@pytest.mark.parametrize("is_timed_out", [True, False])
def test_a_hold_given_back_after_its_lot_is_over_pays_no_debt(mei, noon, is_timed_out):
    give(mei, 60, "a", noon, expires_at=noon + 2 * DAY)
    hold = actions.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=5 * DAY, at=noon, actor="t"
    )
    owe(mei, 50, noon)
    late = noon + 6 * DAY
    if not is_timed_out:
        late = noon + 3 * DAY
        actions.release_hold(hold=hold, at=late, actor="t")
    assert all_of(balance(mei, late)) == (0, 0, 0, 50)
    expired = Transaction.objects.get(kind="expire")
    assert expired.occurred_at == (noon + 5 * DAY if is_timed_out else late)


@pytest.mark.parametrize("looks", [(), (4,)])
def test_what_ripened_first_pays_the_debt_whoever_looks_between(mei, noon, looks):
    give(mei, 60, "held", noon, expires_at=noon + 90 * DAY)
    actions.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=6 * DAY, at=noon, actor="t"
    )
    give(mei, 30, "ripens", noon, matures_at=noon + 3 * DAY, expires_at=noon + 200 * DAY)
    owe(mei, 30, noon)
    for day in looks:
        balance(mei, noon + day * DAY)
    late = noon + 7 * DAY
    assert all_of(balance(mei, late)) == (60, 0, 0, 0)
    left = dict(Lot.objects.values_list("transaction__source_key", "remaining"))
    assert left == {"held": 60, "ripens": 0}


@pytest.mark.parametrize("together", [1, 2])
def test_points_told_when_they_are_over_pay_no_debt(mei, noon, together):
    owe(mei, 50, noon)
    long_ago = noon - 400 * DAY
    late = [
        give_later(mei, f"late{i}", 40, long_ago, ends=noon - 35 * DAY) for i in range(together)
    ]
    actions.grant(grants=late, at=noon, actor="t")
    assert all_of(balance(mei, noon)) == (0, 0, 0, 50)


def give_later(member, key, points, occurred, *, ends):
    from points.ledger.queries import default_funding_source

    payer = default_funding_source()
    return actions.Grant(
        member=member.pk, amount=points, key=key, occurred_at=occurred, expires_at=ends,
        funding_source_id=payer.id, account=f"issuance:{payer.code}",
    )  # fmt: skip


def test_activity_under_another_policy_was_activity(mei, noon):
    shanghai, quiet = Calendar("Asia/Shanghai"), Expiry(policy="inactivity", days=20)
    give(mei, 10, "rolling", noon)
    told = noon - 6 * DAY
    give(
        mei, 30, "late", noon, occurred_at=told, expires_at=expires_at(quiet, told, shanghai),
        idle_rule=idle_rule(quiet, shanghai),
    )  # fmt: skip
    lot = Lot.objects.get(transaction__source_key="late")
    assert lot.expires_at == expires_at(quiet, noon, shanghai)
    assert Wallet.objects.get().last_active_at == noon


@pytest.mark.parametrize("hour", range(5))
def test_a_day_begins_once_where_the_clocks_go_back(mei, hour):
    """On 1 November 2026 New York has 01:00 twice; the day that begins then begins with the first."""
    york, quiet = Calendar("America/New_York", hour), Expiry(policy="inactivity", days=20)
    at = datetime(2026, 10, 11, 16, 0, tzinfo=UTC)
    give(mei, 30, "a", at, expires_at=expires_at(quiet, at, york), idle_rule=idle_rule(quiet, york))
    later = at + DAY - DAY / 4
    expiring.note_activity(member=mei.pk, at=later)
    assert Lot.objects.get().expires_at == expires_at(quiet, later, york)
