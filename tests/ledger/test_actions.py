"""The ledger's front door: exact numbers, and on a refusal nothing moves."""

from datetime import timedelta

import pytest

from points.ledger import actions, clawing, queries
from points.ledger.errors import HoldNotOpen, InsufficientPoints, KeyConflict, ReturnTooLarge
from points.ledger.models import Lot, Posting, Transaction
from points.ledger.queries import Balance
from points.ledger.reconciliation import find_inconsistencies


def give(member, points, key, at, **more):
    payer = queries.default_funding_source()
    item = actions.Grant(
        member=member.pk, amount=points, key=key, occurred_at=more.pop("occurred_at", at),
        funding_source_id=payer.id, account=f"issuance:{payer.code}", **more,
    )  # fmt: skip
    return actions.grant(grants=[item], at=at, actor="test")[0]


def balance(member, at):
    return queries.get_balance(member=member.pk, at=at)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    """Whatever a test did, every invariant of the ledger holds afterwards."""
    yield
    assert find_inconsistencies() == []


def test_a_grant_is_one_transaction_two_postings_and_a_lot(mei, noon):
    posted = give(mei, 110, "k1", noon)

    assert posted.is_new
    assert balance(mei, noon) == Balance(available=110, lifetime_earned=110)
    legs = Posting.objects.filter(transaction_id=posted.transaction_id)
    assert dict(legs.values_list("account", "amount")) == {
        "available": 110,
        "issuance:merchant": -110,
    }


def test_the_same_key_again_gives_the_first_result(mei, noon):
    first = give(mei, 110, "k1", noon, fingerprint="a")
    again = give(mei, 110, "k1", noon + timedelta(days=370), fingerprint="a")

    assert (again.transaction_id, again.is_new) == (first.transaction_id, False)
    assert balance(mei, noon).available == 110


def test_the_same_key_with_other_contents_is_a_conflict(mei, noon):
    give(mei, 110, "k1", noon, fingerprint="a")
    with pytest.raises(KeyConflict):
        give(mei, 111, "k1", noon, fingerprint="b")
    assert balance(mei, noon).available == 110


def test_lots_are_spent_soonest_expiry_first_and_never_expiring_last(mei, noon):
    give(mei, 300, "never", noon)
    give(mei, 500, "later", noon, expires_at=noon + timedelta(days=20))
    give(mei, 100, "soon", noon, expires_at=noon + timedelta(days=10))

    actions.spend(member=mei.pk, points=650, key="s", at=noon, actor="test")

    left = {
        lot.transaction.source_key: lot.remaining
        for lot in Lot.objects.select_related("transaction")
    }
    assert left == {"soon": 0, "later": 0, "never": 250}


def test_a_lot_of_500_expired_and_400_spent_before_leaves_300(mei, noon):
    """rules.md §2: unexpired credits minus all debits would say −100."""
    give(mei, 500, "a", noon, expires_at=noon + timedelta(days=10))
    give(mei, 300, "b", noon)
    actions.spend(member=mei.pk, points=400, key="s", at=noon, actor="test")

    assert balance(mei, noon + timedelta(days=11)).available == 300


def test_an_expired_lot_that_nobody_swept_is_not_spendable(mei, noon):
    give(mei, 500, "a", noon, expires_at=noon + timedelta(days=10))
    late = noon + timedelta(days=10)  # the end is exclusive: at that moment it is gone

    with pytest.raises(InsufficientPoints) as refusal:
        actions.spend(member=mei.pk, points=1, key="s", at=late, actor="test")

    assert refusal.value.facts == {"needed": 1, "available": 0}
    assert not Transaction.objects.filter(kind="spend").exists()


def test_pending_points_become_available_when_their_time_comes(mei, noon):
    give(mei, 70, "a", noon, matures_at=noon + timedelta(days=7))
    assert balance(mei, noon) == Balance(pending=70, lifetime_earned=70)

    assert balance(mei, noon + timedelta(days=7)) == Balance(available=70, lifetime_earned=70)
    matured = Transaction.objects.get(kind="mature")
    assert matured.occurred_at == noon + timedelta(days=7)


def test_the_sweep_books_what_was_due_however_late_it_runs(mei, noon):
    give(mei, 70, "a", noon, expires_at=noon + timedelta(days=1))

    assert actions.refresh_wallets(at=noon + timedelta(days=400))[0] == 1
    assert actions.refresh_wallets(at=noon + timedelta(days=400))[0] == 0
    expired = Transaction.objects.get(kind="expire")
    assert (expired.amount, expired.occurred_at) == (-70, noon + timedelta(days=1))


def test_a_hold_sets_points_aside_and_capture_spends_them_once(mei, noon):
    give(mei, 100, "a", noon)
    hold = actions.hold_points(
        member=mei.pk, points=60, reference="till", expires_in=timedelta(minutes=30),
        at=noon, actor="test",
    )  # fmt: skip
    assert balance(mei, noon) == Balance(available=40, held=60, lifetime_earned=100)

    first = actions.capture_hold(hold=hold, at=noon, actor="test")
    again = actions.capture_hold(hold=hold, at=noon, actor="test")

    assert (first.transaction_id, first.points, again.is_new) == (again.transaction_id, 60, False)
    assert balance(mei, noon) == Balance(available=40, lifetime_earned=100)


def test_a_hold_that_ran_out_gives_its_points_back_and_cannot_be_captured(mei, noon):
    give(mei, 100, "a", noon)
    hold = actions.hold_points(
        member=mei.pk, points=60, reference="till", expires_in=timedelta(minutes=30),
        at=noon, actor="test",
    )  # fmt: skip
    later = noon + timedelta(minutes=30)

    assert balance(mei, later).available == 100
    with pytest.raises(HoldNotOpen):
        actions.capture_hold(hold=hold, at=later, actor="test")


def test_points_released_after_their_lot_expired_expire_at_once(mei, noon):
    give(mei, 100, "a", noon, expires_at=noon + timedelta(days=1))
    hold = actions.hold_points(
        member=mei.pk, points=60, reference="till", expires_in=timedelta(days=5),
        at=noon, actor="test",
    )  # fmt: skip
    later = noon + timedelta(days=2)

    assert balance(mei, later) == Balance(held=60, lifetime_earned=100)
    actions.release_hold(hold=hold, at=later, actor="test")
    assert balance(mei, later) == Balance(lifetime_earned=100)


def test_returned_points_go_back_to_their_lots_with_the_old_expiry(mei, noon):
    """rules.md §4: 10 days left when ordered, refunded after 2 → 8 days left."""
    give(mei, 1000, "a", noon, expires_at=noon + timedelta(days=10))
    spent = actions.spend(member=mei.pk, points=400, key="s", at=noon, actor="test")

    actions.return_points(
        transaction_id=spent.transaction_id, key="r", at=noon + timedelta(days=2), actor="test"
    )

    lot = Lot.objects.get()
    assert (lot.remaining, lot.expires_at) == (1000, noon + timedelta(days=10))


def test_points_returned_after_the_lot_expired_are_gone(mei, noon):
    give(mei, 400, "a", noon, expires_at=noon + timedelta(days=10))
    spent = actions.spend(member=mei.pk, points=400, key="s", at=noon, actor="test")
    late = noon + timedelta(days=12)

    for part in ("r1", "r2"):
        actions.return_points(
            transaction_id=spent.transaction_id, points=200, key=part, at=late, actor="test"
        )

    assert balance(mei, late).available == 0
    kinds = list(Transaction.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["earn", "spend", "refund_spent", "expire", "refund_spent", "expire"]


def test_no_more_is_returned_than_was_spent(mei, noon):
    give(mei, 400, "a", noon)
    spent = actions.spend(member=mei.pk, points=300, key="s", at=noon, actor="test")
    actions.return_points(
        transaction_id=spent.transaction_id, points=200, key="r1", at=noon, actor="test"
    )
    with pytest.raises(ReturnTooLarge) as refusal:
        actions.return_points(
            transaction_id=spent.transaction_id, points=101, key="r2", at=noon, actor="test"
        )
    assert refusal.value.facts == {"returnable": 100}
    assert balance(mei, noon).available == 300


def claw(member, points, origin, at, **more):
    rules = {"from_other_lots": True, "debt": True, "debt_limit": None, "key": "c", **more}
    return clawing.claw_back(
        member=member.pk, points=points, origin_id=origin, at=at, actor="t", **rules
    )


def test_clawback_of_70_with_20_left_makes_a_debt_of_50_paid_by_the_next_60(mei, noon):
    give(mei, 70, "a", noon, source_id=mei.pk)
    actions.spend(member=mei.pk, points=50, key="s", at=noon, actor="test")

    taken = claw(mei, 70, mei.pk, noon)
    assert (taken.own_lots, taken.debt, taken.uncovered) == (20, 50, 0)
    assert balance(mei, noon) == Balance(debt=50, lifetime_earned=70)

    give(mei, 60, "b", noon)
    assert balance(mei, noon) == Balance(available=10, lifetime_earned=130)


def test_clawback_takes_pending_then_own_then_other_lots_then_debt(mei, noon):
    give(mei, 10, "pending", noon, source_id=mei.pk, matures_at=noon + timedelta(days=7))
    give(mei, 20, "own", noon, source_id=mei.pk)
    give(mei, 30, "other", noon)

    taken = claw(mei, 75, mei.pk, noon)

    assert (taken.own_pending, taken.own_lots, taken.other_lots, taken.debt) == (10, 20, 30, 15)
    assert balance(mei, noon) == Balance(debt=15, lifetime_earned=60)


def test_clawback_stops_at_the_debt_limit_and_says_what_is_uncovered(mei, noon):
    give(mei, 70, "a", noon, source_id=mei.pk)
    actions.spend(member=mei.pk, points=70, key="s", at=noon, actor="test")

    taken = claw(mei, 70, mei.pk, noon, debt_limit=30)

    assert (taken.debt, taken.uncovered) == (30, 40)
    assert balance(mei, noon).debt == 30


def test_debt_is_paid_when_pending_points_mature(mei, noon):
    give(mei, 70, "a", noon, source_id=mei.pk)
    actions.spend(member=mei.pk, points=70, key="s", at=noon, actor="test")
    give(mei, 100, "later", noon, matures_at=noon + timedelta(days=7))
    claw(mei, 70, mei.pk, noon)
    assert balance(mei, noon) == Balance(pending=100, debt=70, lifetime_earned=170)

    assert balance(mei, noon + timedelta(days=8)) == Balance(available=30, lifetime_earned=170)


def test_the_balance_as_of_a_past_moment(mei, noon):
    give(mei, 100, "a", noon, expires_at=noon + timedelta(days=10))
    actions.spend(member=mei.pk, points=30, key="s", at=noon + timedelta(days=5), actor="test")

    def at(days):
        return queries.available_at(member=mei.pk, moment=noon + timedelta(days=days))

    assert [at(-1), at(0), at(4), at(5), at(9), at(10)] == [0, 100, 100, 70, 70, 0]
