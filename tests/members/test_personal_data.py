"""A person gets all that is held, and can be forgotten; the sums stay."""

from datetime import date, timedelta

import msgspec
import pytest
from django.db import connection

from kernel import outbox
from kernel.models import IdempotencyRecord, OutboxEvent
from points.adjustments.errors import AlreadyDecided
from points.checkin.actions import check_in
from points.coupons.actions import CouponIssue, issue, void
from points.coupons.templates import create_template
from points.earning.actions import create_rule, publish_rule
from points.flows.books_checked import check_books
from points.flows.events_received import IncomingEvent, take_event
from points.flows.expiry_extended import extend_expiry
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_data import HOLDINGS
from points.flows.member_erased import erase_member
from points.flows.member_export import export_member
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.order_received import take_order
from points.flows.points_adjusted import adjust_points, approve_adjustment
from points.ledger import actions as ledger
from points.ledger.models import Posting, Transaction
from points.ledger.queries import get_balance
from points.members.actions import add_field, change_member, link_identity
from points.members.errors import ErasureRefused, MemberErased, MemberNotFound
from points.members.models import Member
from points.members.queries import find_by_phone_or_code, get_by_external_id
from points.members.sign_in import open_session
from points.orders.models import Order
from points.program.actions import change_program
from points.redemption.actions import create_item, redeem
from points.redemption.models import Redemption
from points.referral.distributors import apply
from points.tiers.actions import create_tier, set_by_hand

CANARY = "canary-Longjing-5c1e"
PHONE = "13811112222"


@pytest.fixture
def lin(shop, noon):
    """A member with everything, merged with another record; her words are in all that holds words."""
    other = join_member(external_id=f"{CANARY}-old", name=CANARY, at=noon)
    made = join_member(
        external_id=CANARY, name=CANARY, phone=PHONE, email=f"{CANARY}@example.com",
        birthday=date(1990, 5, 17), tags=(CANARY,), at=noon,
    )  # fmt: skip
    add_field(code="taste", kind="text", at=noon, settings={"name_en": "Taste"})
    for member in (other, made):
        change_member(member_id=member.pk, changes={"custom": {"taste": CANARY}}, at=noon)
        link_identity(
            member_id=member.pk, channel="pos", external_id=f"{CANARY}{member.pk}", at=noon
        )
        adjust_points(member_id=member.pk, points=100, reason=CANARY, at=noon, actor="t")
    told = IncomingOrder(
        external_id="O-1", member_external_id=CANARY, currency="CNY", placed_at=noon,
        completed_at=noon, status="completed",
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=10_000)],
    )  # fmt: skip
    take_order(order=told, create_member=False, at=noon, actor="t")
    mug = create_item(fields={"kind": "goods", "title_en": "Mug", "price_points": 80}, at=noon)
    address = {"name": CANARY, "phone": PHONE, "region": "x", "line": CANARY}
    redeem(
        member_id=made.pk, item_id=mug.pk, quantity=1, address=address, at=noon, actor="t"
    )  # fmt: skip
    check_in(member_id=made.pk, at=noon, actor="t")
    ledger.hold_points(
        member=made.pk, points=10, reference="till", expires_in=timedelta(hours=1), at=noon,
        actor="t",
    )  # fmt: skip
    open_session(member=made, at=noon)
    outbox.tell(
        topic="audit.member.added", subject=f"member:{made.pk}", at=noon,
        payload={"actor": "t", "after": {"name": CANARY}},
    )  # fmt: skip
    outbox.tell(topic="member.joined", subject=str(made.pk), payload={"name": CANARY}, at=noon)
    IdempotencyRecord.objects.create(
        scope="s", key="k", body_hash=b"x", status=201, content_type="x", created_at=noon,
        answer=msgspec.json.encode({"id": str(made.pk), "name": CANARY}),
    )  # fmt: skip
    rule = {"name": "told", "trigger": "custom:told", "reward": {"kind": "fixed", "points": 7}}
    rule["limits"] = {"per_member": {"month": 9}}
    said = {"conditions": {"!=": [{"var": "event.properties.said"}, "nothing"]}}
    for code, more in (("told", said), ("heard", {})):
        create_rule(code=code, document={**rule, **more}, at=noon)
        publish_rule(code=code, effective_from=None, at=noon, actor="t")
    told = IncomingEvent(
        id="E-1", type="custom:told", occurred_at=noon, member_id=other.pk,
        properties={"said": CANARY},
    )  # fmt: skip
    take_event(event=told, at=noon, actor="t")
    create_tier(fields={"code": "gold", "name_en": "Gold", "threshold": 500}, at=noon)
    set_by_hand(
        member_id=other.pk, code="gold", until=noon + timedelta(days=9), reason=CANARY, at=noon,
        actor="t",
    )  # fmt: skip
    extend_expiry(
        until=noon.date() + timedelta(days=900), member_id=made.pk, reason=CANARY, at=noon,
        actor="t",
    )  # fmt: skip
    create_template(
        fields={"code": "c", "name_en": "C", "kind": "free_shipping", "status": "active"}, at=noon
    )
    (coupon,) = issue(
        template_code="c", issues=[CouponIssue(made.pk, "test", "1")], at=noon, actor="t"
    )
    void(codes=[coupon.coupon.code], at=noon, actor="t", reason=CANARY)
    apply(member_id=made.pk, message=CANARY, at=noon)
    merge_members(loser=other.pk, into=made.pk, at=noon, actor="t")
    return Member.objects.get(pk=made.pk)


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def places(*words):
    """Tables in which a word stands, in text, JSON or bytes."""
    tables = [
        row[0]
        for row in rows("select tablename from pg_tables where schemaname = current_schema()")
    ]
    forms = [form for word in words for form in (word.lower(), word.encode().hex())]
    found = set()
    for table in tables:
        if rows(
            f"select 1 from {table} x where lower(x::text) like any(%s) limit 1",
            [f"%{form}%" for form in forms],
        ):
            found.add(table)
    return found


def test_every_table_that_names_a_member_says_what_becomes_of_its_rows(shop):
    named = rows(
        "select table_name from information_schema.columns c"
        " join pg_tables t on t.schemaname = c.table_schema and t.tablename = c.table_name"
        " where table_schema = current_schema() and column_name like '%%member_id'"
    )
    assert {row[0] for row in named} == {holding.table for holding in HOLDINGS}
    assert len(HOLDINGS) >= 6


def test_an_export_has_everything(lin, noon):
    found = export_member(member_id=lin.pk, at=noon)
    assert (found.member["phone"], found.member["custom"]) == (PHONE, {"taste": CANARY})
    assert found.merged_external_ids == [f"{CANARY}-old"]
    counts = {part: len(lines) for part, lines in found.data.items()}
    assert counts == {
        "wallets": 6, "identities": 2, "sessions": 1, "orders": 1, "redemptions": 1,
        "check_ins": 1, "transactions": 10, "lots": 9, "order_lines": 1, "refunds": 0,
        "adjustments": 2, "events": 1, "awards": 2, "award_counts": 2, "tier": 1, "tier_moves": 2,
        "expiry_notices": 0, "import_rows": 0, "coupons": 1, "withdrawals": 0,
        "red_packet_shares": 0, "cart": 0, "addresses": 0, "shop_orders": 0,
        "referrals": 0, "distributor": 1, "commissions": 0,
    }  # fmt: skip
    assert found.data["redemptions"][0]["address"]["line"] == CANARY
    assert found.data["orders"][0]["goods_cents"] == 10_000
    msgspec.json.encode(found)
    assert "token" not in str(found.data)


def test_with_points_left_nobody_is_erased_by_mistake(lin, noon):
    with pytest.raises(ErasureRefused) as refused:
        erase_member(member_id=lin.pk, forfeit=False, at=noon, actor="t")
    assert refused.value.facts == {"points": 235, "open_redemptions": 1}
    assert get_balance(member=lin.pk, at=noon).available == 225
    assert get_by_external_id(external_id=CANARY).phone == PHONE


def test_nothing_of_the_person_is_left_and_the_sums_are(lin, noon):
    assert {"members_member", "redemption_redemption", "kernel_outboxevent", "ledger_transaction",
            "kernel_idempotencyrecord", "members_memberidentity"} <= places(CANARY, PHONE)  # fmt: skip
    before = Transaction.objects.count()

    erased = erase_member(member_id=lin.pk, forfeit=True, at=noon, actor="t")

    assert places(CANARY, PHONE) == set()
    assert erased.erased_at == noon
    # 100 + 100 by hand, 100 by the order, 1 for the day, 7 + 7 by rules; the mug's 80 came back first.
    assert get_balance(member=lin.pk, at=noon).available == 0
    assert sum(Posting.objects.filter(account="breakage").values_list("amount", flat=True)) == 315
    assert Transaction.objects.count() > before
    assert Redemption.objects.get().status == "cancelled"
    assert Order.objects.get().goods_cents == 10_000
    erased.refresh_from_db()
    assert (erased.orders_count, erased.spent_cents, erased.birthday) == (1, 10_000, None)
    assert check_books() == []


def test_nobody_can_sign_in_or_be_found(lin, noon):
    erase_member(member_id=lin.pk, forfeit=True, at=noon, actor="t")
    assert find_by_phone_or_code(text=PHONE) is None
    for name in (CANARY, f"{CANARY}-old"):
        with pytest.raises(MemberNotFound):
            get_by_external_id(external_id=name)
    with pytest.raises(MemberErased):
        change_member(member_id=lin.pk, changes={"name": "Lin"}, at=noon)
    again = join_member(external_id=CANARY, phone=PHONE, at=noon)
    assert again.pk != lin.pk


def test_erased_again_it_happens_once_and_is_told_without_the_person(lin, noon):
    for _ in range(2):
        erase_member(member_id=lin.pk, forfeit=True, at=noon, actor="t")
    (event,) = OutboxEvent.objects.filter(topic="member.erased")
    assert event.payload == {"member_id": str(lin.pk)}
    waiting = OutboxEvent.objects.get(topic="audit.member.added")
    assert waiting.payload == {"actor": "t", "after": None}


def test_a_member_with_nothing_needs_no_forfeit(mei, noon):
    assert erase_member(member_id=mei.pk, forfeit=False, at=noon, actor="t").erased_at == noon
    assert not Transaction.objects.exists()


def test_the_products_role_can_empty_notes_of_the_erased_only(mei, noon):
    adjust_points(member_id=mei.pk, points=1, reason="kept", at=noon, actor="t")
    rows("select ledger_forget_notes(array[%s::uuid])", mei.pk)
    assert Transaction.objects.get().note == "kept"


def test_what_waits_for_a_second_person_runs_out(mei, noon):
    change_program(changes={"adjustments": {"approval_above_points": 10}}, at=noon)
    row = adjust_points(member_id=mei.pk, points=50, reason=CANARY, at=noon, actor="staff:1")
    erase_member(member_id=mei.pk, forfeit=False, at=noon, actor="t")
    with pytest.raises(AlreadyDecided) as refused:
        approve_adjustment(adjustment_id=row.pk, at=noon, actor="staff:2")
    assert refused.value.facts == {"status": "expired"}
    assert places(CANARY) == set()
