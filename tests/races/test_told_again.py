"""The same thing told many times at once: one effect, and the same answer to everybody."""

from datetime import timedelta

from points.flows.member_joined import join_member
from points.flows.order_completed import complete_order
from points.flows.order_received import take_order, take_orders
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger import actions as ledger
from points.ledger.models import Transaction
from points.members.models import Member
from points.orders.models import Order, Refund
from tests.partner.calls import API
from tests.races.conftest import AT, balance, kinds, order
from tests.support.http import Http, partner_client


def take(incoming, create=False):
    return take_order(order=incoming, create_member=create, at=AT, actor="test")


def refund(name="R", cents=10_000, of="O"):
    body = IncomingRefund(external_id=name, refunded_at=AT, amount_cents=cents)
    return refund_order(external_id=of, refund=body, at=AT, actor="test")


def test_an_order_told_64_times_earns_once(race, members):
    (mei,) = members(1)
    results = race(lambda i: take(order("O")), 64)
    assert kinds(results) == {"Outcome": 64}
    assert sorted(r.outcome for r in results) == ["created"] + ["duplicate"] * 63
    assert {(r.order_id, r.points_earned) for r in results} == {(Order.objects.get().pk, 100)}
    assert balance(mei) == (100, 0, 0, 0)
    mei.refresh_from_db()
    assert (mei.orders_count, mei.spent_cents) == (1, 10_000)


def test_an_order_told_in_two_versions_at_once_is_one_order_and_a_conflict(race, members):
    members(1)
    results = race(lambda i: take(order("O", cents=10_000 + 100 * (i % 2))))
    created = [r for r in results if getattr(r, "outcome", "") == "created"]
    assert len(created) == 1
    assert kinds(results) == {"OrderConflict": 16, "Outcome": 16}


def test_a_new_member_s_first_orders_make_one_member(race, shop):
    results = race(lambda i: take(order(f"O{i}", member="new"), create=True))
    assert kinds(results) == {"Outcome": 32}
    mei = Member.objects.get()
    assert (mei.orders_count, balance(mei)) == (32, (3_200, 0, 0, 0))


def test_a_member_joins_once(race, shop):
    results = race(lambda i: join_member(external_id="mei", phone="13800000001", at=AT))
    assert kinds(results) == {"ExternalIdTaken": 31, "Member": 1}
    assert Member.objects.count() == 1


def test_a_completion_told_32_times_earns_once(race, members):
    (mei,) = members(1)
    paid = order("O")
    paid.status, paid.completed_at = "paid", None
    take(paid)
    results = race(lambda i: complete_order(external_id="O", completed_at=AT, at=AT, actor="test"))
    assert kinds(results) == {"Order": 32}
    assert balance(mei) == (100, 0, 0, 0)


def test_a_refund_told_64_times_takes_back_once(race, members):
    (mei,) = members(1)
    take(order("O"))
    results = race(lambda i: refund(cents=5_000), 64)
    assert kinds(results) == {"Refunded": 64}
    assert sum(r.is_new for r in results) == 1
    assert len({r.refund.pk for r in results}) == 1
    assert balance(mei) == (50, 0, 0, 0)
    assert Transaction.objects.filter(kind="clawback").count() == 1


def test_32_refunds_of_one_order_never_exceed_it(race, members):
    (mei,) = members(1)
    take(order("O"))
    results = race(lambda i: refund(f"R{i}", cents=1_000))
    assert kinds(results) == {"RefundTooLarge": 22, "Refunded": 10}
    stored = Order.objects.get()
    assert (stored.refunded_cents, stored.points_clawed_back) == (10_000, 100)
    assert balance(mei) == (0, 0, 0, 0)


def test_completion_and_refund_at_once_end_as_in_the_right_order(race, members):
    (mei,) = members(1)
    for round_ in range(4):
        paid = order(f"P{round_}")
        paid.status, paid.completed_at = "paid", None
        take(paid)
        name = paid.external_id
        race(
            lambda i, name=name: refund(of=name) if i % 2 else complete_order(
                external_id=name, completed_at=AT, at=AT, actor="test"
            ), 8,
        )  # fmt: skip
        stored = Order.objects.get(external_id=name)
        assert (stored.points_earned, stored.points_clawed_back) == (100, 100)
    assert balance(mei) == (0, 0, 0, 0)
    assert Refund.objects.count() == 4


def test_one_hold_pays_one_order(race, members):
    (mei,) = members(1, points=100)
    hold = ledger.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=timedelta(hours=1), at=AT, actor="t"
    )
    results = race(lambda i: take(order(f"O{i}", cents=60, hold_id=hold)))
    assert kinds(results) == {"HoldNotOpen": 31, "Outcome": 1}
    assert Order.objects.count() == 1
    assert balance(mei) == (40, 0, 0, 0)


def test_one_hold_in_many_batches_refuses_one_order_each(race, members):
    (mei,) = members(1, points=100)
    hold = ledger.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=timedelta(hours=1), at=AT, actor="t"
    )

    def job(i):
        batch = [order(f"H{i}", cents=60, hold_id=hold), order(f"N{i}", cents=100)]
        return take_orders(orders=batch, create_members=False, at=AT, actor="t")

    results = race(job)
    assert kinds(results) == {"list": 32}
    told = [(paid.outcome, plain.outcome) for paid, plain in results]
    assert told.count(("created", "created")) == 1
    assert told.count(("refused", "created")) == 31
    assert {paid.error.code for paid, _ in results if paid.error} == {"ledger.hold_not_open"}
    assert Order.objects.count() == 33
    assert balance(mei) == (40 + 32, 0, 0, 0)


def test_a_spend_under_one_key_happens_once(race, members):
    (mei,) = members(1, points=1_000)
    results = race(lambda i: ledger.spend(member=mei.pk, points=10, key="k", at=AT, actor="t"))
    assert kinds(results) == {"Posted": 32}
    assert len({r.transaction_id for r in results}) == 1
    assert sum(r.is_new for r in results) == 1
    assert balance(mei) == (990, 0, 0, 0)


def calling(api):
    """A caller per thread, as Django's test client keeps state."""
    return Http(api.host, **api.headers)


def test_one_idempotency_key_64_times_is_one_effect_and_one_answer(race, members, shop):
    (mei,) = members(1)
    api = partner_client(shop)
    body = {"member_external_id": "m0", "points": 5, "reason": "gift"}

    answers = race(lambda i: calling(api).post(f"{API}/adjustments", body, idem="same"), 64)

    assert {(a.status, a.raw) for a in answers} == {(201, answers[0].raw)}
    assert sum("Idempotent-Replayed" not in a.headers for a in answers) == 1
    from tenants.context import tenant_context

    with tenant_context(shop):
        assert balance(mei) == (5, 0, 0, 0)


def test_one_idempotency_key_with_two_bodies_is_one_effect_and_a_refusal(race, members, shop):
    (mei,) = members(1)
    api = partner_client(shop)

    def job(i):
        body = {"member_external_id": "m0", "points": 5 + i % 2, "reason": "gift"}
        return calling(api).post(f"{API}/adjustments", body, idem="same")

    answers = race(job)
    assert sorted(a.status for a in answers) == [201] * 16 + [422] * 16
    assert Transaction.objects.filter(kind="adjust").count() == 1


def test_the_partner_api_answers_every_one_of_32_orders_told_at_once(race, members, shop):
    (mei,) = members(1)
    api = partner_client(shop)
    body = {
        "external_id": "O", "member_external_id": "m0", "currency": "CNY",
        "placed_at": AT.isoformat(), "completed_at": AT.isoformat(), "status": "completed",
        "lines": [{"external_id": "1", "quantity": 1, "amount_cents": 10_000}],
    }  # fmt: skip
    answers = race(lambda i: calling(api).post(f"{API}/orders", body))
    assert sorted(a.status for a in answers) == [200] * 31 + [201]
    assert len({a.json["id"] for a in answers}) == 1


def test_a_batch_told_many_times_at_once(race, members, shop):
    members(4)
    batch = [order(f"O{i}", member=f"m{i % 4}") for i in range(40)]
    results = race(
        lambda i: take_orders(
            orders=batch if i % 2 else batch[::-1], create_members=False, at=AT, actor="t"
        ), 16,
    )  # fmt: skip
    assert kinds(results) == {"list": 16}
    made = [o for r in results for o in r if o.outcome == "created"]
    assert len(made) == len({o.external_id for o in made}) == 40
    assert all(o.points_earned == 100 for r in results for o in r)
