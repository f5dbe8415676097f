"""A member's day is given once, however many taps arrive; make-ups and check-ins do not cross."""

from datetime import timedelta

from points.checkin.actions import check_in, make_up
from points.checkin.models import CheckIn
from points.ledger import actions as ledger
from points.ledger.models import Transaction
from points.program.actions import change_program
from tests.races.conftest import AT, balance, kinds

DAY = timedelta(days=1)


def test_one_of_64_check_ins_counts(race, members):
    (mei,) = members(1)
    results = race(lambda i: check_in(member_id=mei.pk, at=AT, actor="t"), 64)
    assert kinds(results) == {"AlreadyCheckedIn": 63, "CheckIn": 1}
    assert balance(mei) == (1, 0, 0, 0)
    assert Transaction.objects.filter(source_type="checkin").count() == 1


def test_one_card_fills_one_day_once_and_the_streak_is_whole(race, members):
    (mei,) = members(1, points=1_000)
    change_program(changes={"checkin": {"make_up_points": 10}}, at=AT)
    start, today = AT + DAY, AT + 3 * DAY
    check_in(member_id=mei.pk, at=start, actor="t")
    missed = (start + DAY).date()

    def job(i):
        if i % 2:
            return make_up(member_id=mei.pk, day=missed, at=today, actor="t")
        return check_in(member_id=mei.pk, at=today, actor="t")

    results = race(job, 64)

    assert kinds(results) == {"AlreadyCheckedIn": 62, "CheckIn": 2}
    rows = CheckIn.objects.order_by("local_date").values_list("streak", flat=True)
    assert list(rows) == [1, 2, 3]
    assert Transaction.objects.filter(kind="spend").count() == 1


def test_the_last_card_of_the_month_is_used_once(race, members):
    (mei,) = members(1)
    change_program(changes={"checkin": {"make_up_points": 0, "make_up_per_month": 1}}, at=AT)
    today = AT + 20 * DAY
    results = race(
        lambda i: make_up(
            member_id=mei.pk, day=(AT + (1 + i % 8) * DAY).date(), at=today, actor="t"
        )
    )
    assert kinds(results)["CheckIn"] == 1
    assert CheckIn.objects.count() == 1
    ledger.refresh_wallets(at=today, limit=10)
