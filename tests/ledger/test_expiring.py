"""How long points live: by activity, by an extension, by the grace of a return; and who is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import Calendar
from points.ledger import actions, clawing, expiring, queries
from points.ledger.errors import ExtensionTooEarly, InsufficientPoints
from points.ledger.models import Lot, Transaction, Wallet
from points.ledger.reconciliation import find_inconsistencies
from points.program.calculations import Expiry, expires_at, idle_rule
from tests.ledger.test_actions import balance, claw, give

DAY = timedelta(days=1)
SHANGHAI = Calendar("Asia/Shanghai")
SHANGHAI_ZONE = ZoneInfo("Asia/Shanghai")
QUIET = Expiry(policy="inactivity", days=90)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def give_by_activity(member, points, key, at, *, expiry=QUIET, calendar=SHANGHAI, **more):
    occurred = more.get("occurred_at", at)
    return give(
        member, points, key, at, expires_at=expires_at(expiry, occurred, calendar),
        idle_rule=idle_rule(expiry, calendar), **more,
    )  # fmt: skip


def ends():
    """Key of each grant → its lot's end, as a local time of Shanghai."""
    rows = Lot.objects.select_related("transaction").order_by("id")
    return {
        row.transaction.source_key: f"{row.expires_at.astimezone(SHANGHAI_ZONE):%m-%d %H:%M}"
        for row in rows
    }


def spend(member, points, key, at, **more):
    return actions.spend(member=member.pk, points=points, key=key, at=at, actor="t", **more)


# Living by activity


def test_90_quiet_days_from_1_march_end_on_30_may(mei, noon):
    give_by_activity(mei, 100, "a", noon)
    assert ends() == {"a": "05-31 00:00"}
    assert balance(mei, datetime(2026, 5, 30, 15, 59, tzinfo=UTC)).available == 100
    assert balance(mei, datetime(2026, 5, 30, 16, 0, tzinfo=UTC)).available == 0


@pytest.mark.parametrize("activity", ["earn", "spend", "capture", "check-in worth nothing"])
def test_activity_moves_the_end_of_all_that_lives_by_it(mei, noon, activity):
    give_by_activity(mei, 100, "a", noon)
    give(mei, 50, "fixed", noon, expires_at=noon + 200 * DAY)
    later = noon + 10 * DAY
    match activity:
        case "earn":
            give_by_activity(mei, 1, "b", later)
        case "spend":
            spend(mei, 1, "s", later)
        case "capture":
            hold = actions.hold_points(
                member=mei.pk, points=1, reference="r", expires_in=DAY, at=later, actor="t"
            )
            assert ends()["a"] == "05-31 00:00"  # setting aside is no activity yet
            actions.capture_hold(hold=hold, at=later, actor="t")
        case _:
            expiring.note_activity(member=mei.pk, at=later)
    assert ends()["a"] == "06-10 00:00"
    assert ends()["fixed"] == "09-17 12:00"
    assert Wallet.objects.get().next_change_at == datetime(2026, 6, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize("what", ["adjustment up", "adjustment down", "clawback", "return", "hold"])
def test_what_staff_and_refunds_do_is_no_activity(mei, noon, what):
    give_by_activity(mei, 100, "a", noon, source_id=mei.pk)
    spent = spend(mei, 10, "s", noon)
    later = noon + 10 * DAY
    match what:
        case "adjustment up":
            give_by_activity(mei, 5, "up", later, kind="adjust")
        case "adjustment down":
            spend(mei, 5, "down", later, kind="adjust", account="adjustment")
        case "clawback":
            claw(mei, 5, mei.pk, later)
        case "return":
            actions.return_points(transaction_id=spent.transaction_id, key="r", at=later, actor="t")
        case "hold":
            actions.hold_points(
                member=mei.pk, points=1, reference="r", expires_in=DAY, at=later, actor="t"
            )
    assert ends()["a"] == "05-31 00:00"


def test_what_has_expired_does_not_come_back(mei, noon):
    give_by_activity(mei, 100, "a", noon)
    late = noon + 91 * DAY
    give_by_activity(mei, 7, "b", late)
    assert balance(mei, late).available == 7
    with pytest.raises(InsufficientPoints):
        spend(mei, 8, "s", late)


def test_an_order_told_late_counts_on_its_day_and_lives_as_long_as_the_rest(mei, noon):
    """The member was active on day 50; an order of day 20 told on day 51 is no worse off."""
    give_by_activity(mei, 1, "a", noon)
    spend(mei, 1, "s", noon + 50 * DAY)
    give_by_activity(mei, 10, "told late", noon + 51 * DAY, occurred_at=noon + 20 * DAY)
    assert ends()["told late"] == "07-20 00:00"  # 20 April + 90 days, to the end of 19 July


def test_a_backdated_order_moves_nothing_back(mei, noon):
    give_by_activity(mei, 10, "a", noon)
    give_by_activity(mei, 10, "old", noon, occurred_at=noon - 30 * DAY)
    assert ends() == {"a": "05-31 00:00", "old": "05-31 00:00"}


def test_lots_keep_the_days_they_were_granted_with(mei, noon):
    give_by_activity(mei, 10, "90", noon)
    give_by_activity(mei, 10, "10", noon, expiry=Expiry(policy="inactivity", days=10))
    spend(mei, 1, "s", noon + 5 * DAY)
    assert ends() == {"90": "06-05 00:00", "10": "03-17 00:00"}


def test_a_batch_moves_what_single_grants_move(mei, noon):
    later, payer = noon + 10 * DAY, queries.default_funding_source()
    give_by_activity(mei, 10, "a", noon)
    actions.grant(
        grants=[
            actions.Grant(
                member=mei.pk, amount=5, key=key, occurred_at=at, funding_source_id=payer.id,
                account="issuance:merchant", expires_at=expires_at(QUIET, at, SHANGHAI),
                idle_rule=idle_rule(QUIET, SHANGHAI),
            ) for key, at in (("b", noon + 3 * DAY), ("c", later))
        ], at=later, actor="t",
    )  # fmt: skip
    assert ends() == dict.fromkeys("abc", "06-10 00:00")


def test_points_of_an_emptied_lot_come_back_to_a_life_by_activity(mei, noon):
    give_by_activity(mei, 100, "a", noon)
    spent = spend(mei, 100, "s", noon)
    give_by_activity(mei, 1, "b", noon + 60 * DAY)
    actions.return_points(
        transaction_id=spent.transaction_id, key="r", at=noon + 100 * DAY, actor="t"
    )
    assert balance(mei, noon + 100 * DAY).available == 101


@pytest.mark.parametrize("zone_name", ["America/New_York", "Europe/Berlin", "Asia/Shanghai", "UTC"])
@pytest.mark.parametrize("hour", [0, 4])
def test_the_database_ends_days_where_python_does(shop, zone_name, hour):
    """Across both changes of daylight saving, hour by hour around them."""
    from kernel.db import connection

    calendar, rule = Calendar(zone_name, hour), f"7 {hour} {zone_name}"
    for start in (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 17, tzinfo=UTC)):
        for hours in range(0, 24 * 18, 5):
            at = start + timedelta(hours=hours)
            with connection.cursor() as cursor:
                cursor.execute("select ledger_idle_end(%s, %s)", [rule, at])
                (found,) = cursor.fetchone()
            assert found == expires_at(Expiry(policy="inactivity", days=7), at, calendar)


def test_a_wallet_of_another_policy_notes_only_what_the_ledger_cannot_tell(mei, noon):
    give(mei, 10, "a", noon, expires_at=noon + DAY)
    spend(mei, 1, "s", noon)
    assert Wallet.objects.get().last_active_at is None
    expiring.note_activity(member=mei.pk, at=noon + DAY / 2)
    assert Wallet.objects.get().last_active_at == noon + DAY / 2


# Returns with grace


def test_with_3_days_of_grace_a_return_to_a_lot_that_is_over_lives_3_days(mei, noon):
    give(mei, 400, "a", noon, expires_at=noon + 10 * DAY)
    spent = spend(mei, 400, "s", noon)
    late = noon + 12 * DAY
    until = SHANGHAI.end_of(SHANGHAI.day_of(late) + 3 * DAY)
    actions.return_points(
        transaction_id=spent.transaction_id, key="r", at=late, actor="t", grace_until=until
    )
    assert balance(mei, late).available == 400
    assert balance(mei, until - timedelta(seconds=1)).available == 400
    assert balance(mei, until).available == 0
    assert Transaction.objects.get(kind="expire").occurred_at == until


def test_grace_shortens_nothing_and_lengthens_no_lot_that_lives(mei, noon):
    give(mei, 400, "a", noon, expires_at=noon + 10 * DAY)
    spent = spend(mei, 400, "s", noon)
    actions.return_points(
        transaction_id=spent.transaction_id, key="r", at=noon + 9 * DAY, actor="t",
        grace_until=noon + 30 * DAY,
    )  # fmt: skip
    assert Lot.objects.get().expires_at == noon + 10 * DAY


# Undoing a clawback


def undo(taken, at, **more):
    return clawing.undo_clawback(
        transaction_id=taken.transaction_id, key="u", at=at, actor="t", **more
    )


def test_an_undone_clawback_gives_back_each_step(mei, noon):
    give(mei, 10, "pending", noon, source_id=mei.pk, matures_at=noon + 7 * DAY)
    give(mei, 20, "own", noon, source_id=mei.pk)
    give(mei, 30, "other", noon, expires_at=noon + 5 * DAY)
    taken = claw(mei, 75, mei.pk, noon)

    done = undo(taken, noon)

    assert (done.restored, done.rest) == (75, 0)
    assert balance(mei, noon) == queries.Balance(available=50, pending=10, lifetime_earned=60)
    left = dict(Lot.objects.values_list("transaction__source_key", "remaining"))
    assert left == {"pending": 10, "own": 20, "other": 30}
    assert undo(taken, noon) == clawing.Restored(0, 0)
    assert balance(mei, noon + 7 * DAY).available == 30


def test_debt_that_was_paid_meanwhile_is_told_as_rest(mei, noon):
    give(mei, 70, "a", noon, source_id=mei.pk)
    spend(mei, 50, "s", noon)
    taken = claw(mei, 70, mei.pk, noon)
    give(mei, 30, "b", noon)
    assert balance(mei, noon).debt == 20

    done = undo(taken, noon)

    assert (done.restored, done.rest) == (40, 30)
    assert balance(mei, noon) == queries.Balance(available=20, lifetime_earned=100)


def test_what_is_given_back_to_a_lot_that_is_over_expires_at_once(mei, noon):
    give(mei, 70, "a", noon, source_id=mei.pk, expires_at=noon + DAY)
    taken = claw(mei, 70, mei.pk, noon)
    assert undo(taken, noon + 2 * DAY).restored == 70
    assert balance(mei, noon + 2 * DAY).available == 0


# Extensions


def extend(until, at, **more):
    return expiring.begin_extension(until=until, at=at, actor="staff", reason="storm", **more)


def test_an_extension_moves_ends_on_and_never_back(mei, noon):
    for key, days in (("10", 10), ("20", 20), ("40", 40)):
        give(mei, 100, key, noon, expires_at=noon + days * DAY)
    give(mei, 100, "never", noon)
    reach = expiring.reach_of_extension(until=noon + 30 * DAY, at=noon)
    assert (reach.members, reach.lots, reach.points) == (1, 2, 200)
    assert reach.first_at == noon + 10 * DAY
    assert ends_of(noon) == [10, 20, 40, None]

    done = extend(noon + 30 * DAY, noon)

    assert (done.wallets, done.lots, done.points) == (1, 2, 200)
    assert ends_of(noon) == [30, 30, 40, None]
    assert Wallet.objects.get().next_change_at == noon + 30 * DAY
    assert done.finished_at == noon
    assert extend(noon + 30 * DAY, noon).lots == 0


def ends_of(noon):
    rows = Lot.objects.order_by("id").values_list("expires_at", flat=True)
    return [(end - noon).days if end else None for end in rows]


def test_an_extension_may_be_for_one_member_and_for_what_ends_by_a_day(mei, noon):
    from points.flows.member_joined import join_member

    tom = join_member(external_id="tom", name="Tom", at=noon)
    for member in (mei, tom):
        for days in (10, 20):
            give(member, 100, f"{member.external_id}{days}", noon, expires_at=noon + days * DAY)
    done = extend(noon + 30 * DAY, noon, member=mei.pk, ending_by=noon + 10 * DAY)
    assert (done.lots, ends_of(noon)) == (1, [30, 20, 10, 20])


def test_an_extension_does_not_wake_what_is_over(mei, noon):
    give(mei, 100, "a", noon, expires_at=noon + DAY)
    assert extend(noon + 30 * DAY, noon + DAY).lots == 0
    assert balance(mei, noon + DAY).available == 0
    with pytest.raises(ExtensionTooEarly):
        extend(noon, noon)


def test_an_extension_of_held_points_is_there_when_they_are_released(mei, noon):
    give(mei, 100, "a", noon, expires_at=noon + DAY)
    hold = actions.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=5 * DAY, at=noon, actor="t"
    )
    assert extend(noon + 30 * DAY, noon).points == 100
    actions.release_hold(hold=hold, at=noon + 2 * DAY, actor="t")
    assert balance(mei, noon + 2 * DAY).available == 100


def test_a_long_extension_is_finished_by_the_job_and_means_the_lots_of_then(mei, noon, monkeypatch):
    from points.flows.member_joined import join_member
    from points.flows.time_moved import run_due_jobs

    crowd = [join_member(external_id=f"x{i}", at=noon) for i in range(5)]
    for i, member in enumerate(crowd):
        give(member, 10, f"k{i}", noon, expires_at=noon + 10 * DAY)
    monkeypatch.setattr(expiring, "AT_ONCE", 1)
    monkeypatch.setattr(expiring, "EXTENSION_BATCH", 2)
    walk = extend(noon + 30 * DAY, noon)
    assert (walk.wallets, walk.finished_at) == (2, None)
    give(crowd[4], 10, "afterwards", noon, expires_at=noon + 10 * DAY)

    run_due_jobs(at=noon + DAY)

    walk.refresh_from_db()
    assert (walk.wallets, walk.lots, walk.points, walk.finished_at) == (5, 5, 50, noon + DAY)
    assert ends_of(noon) == [30, 30, 30, 30, 30, 10]
