"""The demo tea house's cash: told once, with something of everything, and books that are right."""

from devstack.demo.cash import OPENED, open_cash
from devstack.demo.offers import Colleague
from points.cash.models import RedPacket, RedPacketShare, Withdrawal
from points.cash.queries import get_terms
from points.ledger.models import Transaction
from points.ledger.queries import get_balance
from points.members.actions import add_missing
from points.members.models import Member
from tests.ledger.test_actions import give as grant


def test_the_tea_house_has_used_its_cash(mei, noon):
    grant(mei, 10_000, "rich", noon)
    add_missing(external_ids=[f"m{n:02d}" for n in range(24)], at=noon)
    Member.objects.filter(name="").update(name="梅晓雨")
    Member.objects.filter(pk=mei.pk).update(orders_count=9)
    owner = Colleague("staff:1", "Owner")
    for _ in range(2):
        open_cash(at=noon, owner=owner)
    assert sorted(RedPacket.objects.values_list("status", flat=True)) == ["ended", "open"]
    packet = RedPacket.objects.get(status="open")
    taken = RedPacketShare.objects.filter(red_packet=packet, member_id__isnull=False)
    assert taken.count() == OPENED
    states = sorted(Withdrawal.objects.values_list("status", flat=True))
    assert states == ["paid", "requested"]
    assert Transaction.objects.filter(wallet__unit="cash", kind="payout").count() == 2
    terms = get_terms(member=mei.pk, at=noon)
    assert (terms.enabled, terms.payout, terms.left_cents) == (True, "manual", 500)
    # A share of last week's packet, and 500 points exchanged.
    assert get_balance(member=mei.pk, at=noon, unit="cash").available == 2_500
