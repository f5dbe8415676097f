"""What is written for one item and for many, for one wallet and for many, is the same."""

from datetime import timedelta

import pytest
from django.db import connection

from kernel.models import OutboxEvent
from points.ledger import actions, clawing, queries
from points.ledger.models import Lot, Posting, Transaction, Wallet
from points.ledger.reconciliation import find_inconsistencies
from points.members.actions import create_member

DAY = timedelta(days=1)
PARTS = "unit available pending held debt lifetime_earned next_change_at".split()


@pytest.fixture
def twins(shop, noon):
    """Two members to whom the same happens."""
    found = [create_member(external_id=name, at=noon) for name in ("castor", "pollux")]
    yield found
    assert find_inconsistencies() == []


def gifts(member, noon):
    """Mature, pending, without end, of another kind, ended before it begins, and told twice."""
    payer = queries.default_funding_source()

    def gift(key, amount, days=0, lasts=365, kind="earn"):
        return actions.Grant(
            member=member.pk, amount=amount, key=f"{member.external_id}:{key}", kind=kind,
            occurred_at=noon, matures_at=noon + days * DAY,
            expires_at=noon + lasts * DAY if lasts else None, funding_source_id=payer.id,
            account=f"issuance:{payer.code}", source_type="order", source_id=member.pk,
        )  # fmt: skip

    return [
        gift("now", 100), gift("later", 50, days=7), gift("ever", 30, lasts=None),
        gift("adjust", 20, kind="adjust"), gift("short", 9, days=30, lasts=3), gift("now", 100),
    ]  # fmt: skip


def told(member):
    """All that the tables say of a member, but for ids and names."""
    name = member.external_id
    wallet = Wallet.objects.get(member_id=member.pk)
    rows = Transaction.objects.filter(wallet=wallet).order_by("occurred_at", "kind", "amount")
    return {
        "wallet": [getattr(wallet, part) for part in PARTS],
        "transactions": [
            (t.kind, t.amount, t.fingerprint, t.source_type, t.actor, t.occurred_at, t.posted_at)
            for t in rows
        ],
        "keys": {t.source_key.removeprefix(name) for t in rows if t.source_key.startswith(name)},
        "postings": sorted(
            Posting.objects.filter(transaction__in=rows).values_list("account", "amount")
        ),
        "lots": sorted(
            Lot.objects.filter(wallet=wallet).values_list(
                "granted", "remaining", "held", "expired", "is_mature", "granted_at", "matures_at",
            )
        ),
        "events": sorted(
            (event.topic, event.payload["amount"])
            for event in OutboxEvent.objects.filter(subject=str(member.pk))
        ),
    }  # fmt: skip


def put_in_debt(member, points, noon):
    clawing.claw_back(
        member=member.pk, points=points, origin_id=member.pk, key=f"{member.external_id}:debt",
        at=noon, actor="test", from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip


@pytest.mark.parametrize("debt", [0, 70, 500])
def test_items_granted_one_by_one_or_at_once(twins, noon, debt):
    castor, pollux = twins
    for member in twins:
        actions.open_wallets(members=[member.pk])
        if debt:
            put_in_debt(member, debt, noon)
    singly = [
        actions.grant(grants=[gift], at=noon, actor="test")[0] for gift in gifts(castor, noon)
    ]
    together = actions.grant(grants=gifts(pollux, noon), at=noon, actor="test")

    one, all_ = told(castor), told(pollux)
    if debt:  # one by one the debt is paid in several parts, at once in one
        for found in (one, all_):
            del found["transactions"], found["postings"]
    assert one == all_
    assert sum(posted.left for posted in singly[:5]) == sum(posted.left for posted in together[:5])
    assert not singly[5].is_new and singly[5].transaction_id == singly[0].transaction_id


@pytest.mark.parametrize("days", [3, 7, 29, 30, 364, 365, 400])
def test_wallets_refreshed_at_once_or_step_by_step(twins, noon, days):
    castor, pollux = twins
    at = noon + days * DAY
    for member in twins:
        actions.grant(grants=gifts(member, noon), at=noon, actor="test")
    with connection.cursor() as cursor:
        for member, function in (
            (castor, "ledger_refresh_one(id,"),
            (pollux, "ledger_refresh_plain(array[id],"),
        ):
            cursor.execute(
                f"select {function} %s) from ledger_wallet where member_id = %s", [at, member.pk]
            )
        cursor.execute("update ledger_wallet set next_change_at = ledger_next_change(id)")
    assert told(castor) == told(pollux)
