"""Cash at the same moment: shares of a red packet, the last cent of a cap, a whole balance, one yes."""

from datetime import timedelta

import pytest

from kernel.ids import new_id
from points.cash import withdrawals
from points.cash.actions import Gift, exchange, give
from points.cash.models import ExchangeCount, RedPacketShare, Withdrawal
from points.cash.red_packets import end_red_packet, make_red_packet
from points.flows.members_merged import merge_members
from points.flows.payouts_sent import pay_out
from points.flows.red_packet_taken import take_red_packet
from points.ledger import queries
from points.ledger.models import Transaction
from points.program.actions import change_program
from tests.races.conftest import AT, kinds

BOSS = {"at": AT, "actor": "staff:boss"}


def cash(member):
    return queries.get_balance(member=member.pk, at=AT, unit="cash").available


def open_cash(**fields):
    change_program(changes={"cash": {"enabled": True, **fields}}, at=AT)


def packet_of(shares, cents, **fields):
    told = {
        "kind": "random", "title_zh": "红包", "title_en": "", "total_cents": cents,
        "shares_count": shares, "audience": "all", "audience_code": "",
        "funding_source": "merchant", **fields,
    }  # fmt: skip
    return make_red_packet(fields=told, ends_at=AT + timedelta(days=1), at=AT, actor="staff:1")


def take(packet, member):
    return take_red_packet(packet_id=packet.pk, member_id=member.pk, at=AT, actor="t")


def test_16_shares_go_to_16_of_64(race, members):
    crowd = members(64)
    packet = packet_of(16, 10_000)
    results = race(lambda i: take(packet, crowd[i]), 64)
    assert kinds(results) == {"RedPacketEmpty": 48, "RedPacketShare": 16}
    assert sum(cash(member) for member in crowd) == 10_000
    assert RedPacketShare.objects.values("member_id").distinct().count() == 16


def test_one_member_who_taps_64_times_gets_one_share(race, members):
    (mei,) = members(1)
    packet = packet_of(16, 1_600, kind="equal")
    results = race(lambda _i: take(packet, mei), 64)
    assert kinds(results) == {"RedPacketShare": 1, "RedPacketTaken": 63}
    assert cash(mei) == 100


def test_it_ends_while_members_take(race, members):
    """What was taken and what went back are the whole sum, whoever came first."""
    crowd = members(63)
    packet = packet_of(63, 6_300, kind="equal")

    def job(i):
        if i == 40:
            return end_red_packet(packet_id=packet.pk, at=AT + timedelta(hours=1))
        return take(packet, crowd[i if i < 40 else i - 1])

    results = race(job, 64)
    packet.refresh_from_db()
    counted = kinds(results)
    assert set(counted) <= {"RedPacket", "RedPacketShare", "RedPacketOver"}
    assert sum(cash(member) for member in crowd) + packet.returned_cents == 6_300


def test_the_last_cents_of_the_shop_go_to_three_of_64(race, members):
    crowd = members(64, points=100)
    open_cash(shop_total_cents=350)
    results = race(
        lambda i: exchange(
            member_id=crowd[i].pk, points=100, exchange_id=new_id(), at=AT, actor="t"
        ), 64,
    )  # fmt: skip
    assert kinds(results) == {"CapReached": 61, "Exchanged": 3}
    assert sum(cash(member) for member in crowd) == 300
    assert dict(ExchangeCount.objects.values_list("scope", "cents")) == {
        "total": 300, "2026-03-01": 300,
    }  # fmt: skip


@pytest.mark.parametrize("same", [True, False])
def test_the_last_points_are_exchanged_once(race, members, same):
    (mei,) = members(1, points=100)
    open_cash()
    name = new_id()
    results = race(
        lambda _i: exchange(
            member_id=mei.pk, points=100, exchange_id=name if same else new_id(), at=AT, actor="t"
        ), 64,
    )  # fmt: skip
    one = {"Exchanged": 64} if same else {"Exchanged": 1, "InsufficientPoints": 63}
    assert kinds(results) == one and cash(mei) == 100


def test_a_day_of_a_member_is_not_overdrawn(race, members):
    (mei,) = members(1, points=10_000)
    open_cash(member_daily_cents=550)
    results = race(
        lambda _i: exchange(
            member_id=mei.pk, points=100, exchange_id=new_id(), at=AT, actor="t"
        ), 64,
    )  # fmt: skip
    assert kinds(results) == {"CapReached": 59, "Exchanged": 5} and cash(mei) == 500


def rich(members, cents=5_000):
    (mei,) = members(1)
    open_cash()
    give(
        gifts=[Gift(member=mei.pk, cents=cents, source="test", source_id=new_id())],
        at=AT,
        actor="t",
    )
    return mei


def ask(member, cents=5_000):
    return withdrawals.request_withdrawal(
        member_id=member.pk, cents=cents, payee_name="Mei", payee_account="62220210",
        at=AT, actor="m",
    )  # fmt: skip


def test_a_whole_balance_is_withdrawn_once(race, members):
    mei = rich(members)
    results = race(lambda _i: ask(mei), 64)
    assert kinds(results) == {"InsufficientCash": 63, "Withdrawal": 1} and cash(mei) == 0


def test_a_day_of_withdrawals_is_not_overdrawn(race, members):
    mei = rich(members)
    open_cash(max_withdrawal_cents_per_day=1_000)
    results = race(lambda _i: ask(mei, 300), 64)
    assert kinds(results) == {"Withdrawal": 3, "WithdrawalLimitReached": 61} and cash(mei) == 4_100


def test_one_of_64_decisions_counts(race, members):
    mei = rich(members)
    row = ask(mei)

    def job(i):
        match i % 3:
            case 0:
                return withdrawals.approve_withdrawal(withdrawal_id=row.pk, **BOSS)
            case 1:
                return withdrawals.reject_withdrawal(withdrawal_id=row.pk, **BOSS)
            case _:
                return withdrawals.cancel_withdrawal(
                    withdrawal_id=row.pk, member_id=mei.pk, at=AT, actor="m"
                )

    race(job, 64)
    row.refresh_from_db()
    back = Transaction.objects.filter(kind="payout_return").count()
    assert (cash(mei), back) == ((0, 0) if row.status == "approved" else (5_000, 1))


def test_64_workers_pay_an_approved_withdrawal_once(race, members, settings):
    """The stand-in keeps one transfer a number; only one worker calls it at all."""
    from tests.cash.test_wechat import put_wechat_account, real
    from tests.cash.wechat_stand_in import StandIn

    mei, platform = rich(members), StandIn()
    settings.WECHAT_PAY_BASE = platform.base
    put_wechat_account(account=platform.account(), at=AT)
    open_cash(payout="wechat")
    row = ask(mei)
    results = race(lambda _i: withdrawals.approve_withdrawal(withdrawal_id=row.pk, **BOSS), 64)
    assert kinds(results) == {"Withdrawal": 1, "WithdrawalNotOpen": 63}
    told = race(lambda _i: pay_out(tell_time=lambda: AT, real_time=real), 64)
    platform.close()
    assert sum(told) == 1 and len(platform.calls) == 1
    assert Withdrawal.objects.get().status == "paid"


def test_64_workers_make_one_transfer_at_stripe(race, members, stripe_control):
    from points.cash.accounts import put_stripe_account
    from points.cash.payouts.stripe import StripeAccount
    from tests.cash.test_stripe import KEY, Shop, real

    mei, bank = rich(members), Shop(stripe_control)
    put_stripe_account(account=StripeAccount(secret_key=KEY), at=AT)
    open_cash(payout="stripe")
    row = withdrawals.request_withdrawal(
        member_id=mei.pk, cents=5_000, payee_name="", payee_account=bank.account, at=AT, actor="m"
    )
    results = race(lambda _i: withdrawals.approve_withdrawal(withdrawal_id=row.pk, **BOSS), 64)
    assert kinds(results) == {"Withdrawal": 1, "WithdrawalNotOpen": 63}
    told = race(lambda _i: pay_out(tell_time=lambda: AT, real_time=real), 64)
    assert sum(told) == 1
    assert [one.amount for one in bank.transfers()] == [5_000]
    assert Withdrawal.objects.get().status == "paid"


def test_64_calls_for_one_payout_make_one_transfer_at_stripe(race, members, stripe_control):
    """As if every claim had run out at once: whoever is told that a twin is under way waits."""
    from points.cash.accounts import open_stripe, put_stripe_account
    from points.cash.payouts import Payout
    from points.cash.payouts.stripe import StripeAccount
    from tests.cash.test_stripe import KEY, Shop, real

    rich(members)
    bank = Shop(stripe_control)
    put_stripe_account(account=StripeAccount(secret_key=KEY), at=AT)
    payout = Payout(
        number="a" * 32, cents=700, currency="CNY", payee_name="", payee_account=bank.account,
        remark="x",
    )  # fmt: skip
    states = race(lambda _i: open_stripe(real_time=real).send(payout), 64)
    assert {one.outcome for one in states} <= {"paid", "waiting"}
    assert "paid" in {one.outcome for one in states}
    assert [one.amount for one in bank.transfers()] == [700]


def test_who_takes_is_merged_at_the_same_time(race, members):
    crowd = members(32)
    packet = packet_of(32, 3_200, kind="equal")

    def job(i):
        if i % 2:
            return merge_members(loser=crowd[i].pk, into=crowd[i - 1].pk, at=AT, actor="t")
        return take(packet, crowd[i if i % 4 else i + 1])

    results = race(job, 32)
    assert not [one for one in results if isinstance(one, Exception) and not hasattr(one, "code")]
    taken = RedPacketShare.objects.filter(member_id__isnull=False).count()
    assert sum(cash(member) for member in crowd) == 100 * taken
