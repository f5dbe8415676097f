"""Points pass between members while others do the same: none is lost, doubled or waited for."""

from kernel.ids import new_id
from points.flows.points_transferred import transfer_points
from points.ledger.models import Lot, Posting, Transaction, Wallet
from points.members.models import Member
from points.program.actions import change_program
from tests.races.conftest import AT, balance, kinds


def open_transfers(**rule):
    change_program(changes={"transfers": {"enabled": True, **rule}}, at=AT)


def send(sender, receiver, points, transfer_id=None):
    return transfer_points(
        sender=sender.pk, receiver=receiver.pk, points=points, at=AT, actor="t",
        transfer_id=transfer_id or new_id(),
    )  # fmt: skip


def test_the_last_points_are_given_once(race, members):
    mei, ann = members_with(members, 100)
    results = race(lambda i: send(mei, ann, 100), 64)
    assert kinds(results) == {"InsufficientPoints": 63, "Transferred": 1}
    assert (balance(mei), balance(ann)) == ((0, 0, 0, 0), (200, 0, 0, 0))


def members_with(members, points):
    open_transfers()
    first, second = members(2, points=points)
    return first, second


def test_one_transfer_told_64_times_happens_once(race, members):
    mei, ann = members_with(members, 100)
    known = new_id()
    results = race(lambda i: send(mei, ann, 10, known), 64)
    assert kinds(results) == {"Transferred": 64}
    assert len({made.transaction_id for made in results}) == 1
    assert balance(mei) == (90, 0, 0, 0)


def test_to_and_fro_at_once_keeps_the_sum(race, members):
    """Each needs both wallets, in opposite order."""
    mei, ann = members_with(members, 1_000)
    results = race(lambda i: send(mei, ann, 7) if i % 2 else send(ann, mei, 3), 64)
    assert kinds(results) == {"Transferred": 64}
    assert (balance(mei)[0], balance(ann)[0]) == (1_000 - 32 * 4, 1_000 + 32 * 4)
    assert Posting.objects.filter(account="transfer").count() == 128


def test_round_a_circle_of_members(race, members):
    open_transfers()
    crowd = members(8, points=100)
    results = race(lambda i: send(crowd[i % 8], crowd[(i + 1 + i // 8) % 8], 5), 56)
    assert kinds(results) == {"Transferred": 56}
    assert sum(balance(one)[0] for one in crowd) == 800


def test_the_days_limit_holds_for_all_at_once(race, members):
    open_transfers(max_points_per_day=30)
    mei, ann = members(2, points=1_000)
    results = race(lambda i: send(mei, ann, 10), 64)
    assert kinds(results) == {"TransferLimitReached": 61, "Transferred": 3}
    assert balance(mei) == (970, 0, 0, 0)


def test_to_a_member_without_a_wallet(race, members):
    open_transfers()
    (mei,) = members(1, points=64)
    stranger = Member(pk=new_id())
    results = race(lambda i: send(mei, stranger, 1), 64)
    assert kinds(results) == {"Transferred": 64}
    assert Wallet.objects.filter(member_id=stranger.pk).count() == 1
    assert Lot.objects.filter(wallet__member_id=stranger.pk, remaining=1).count() == 64
    assert Transaction.objects.filter(kind="transfer_in").count() == 64
