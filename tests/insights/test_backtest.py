"""Back-tests: the replay comes to what the ledger came to, and to what is worked out by hand."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.db import connection
from points.budget.calculations import BudgetTerms
from points.conditions import ConditionInvalid
from points.earning import actions as earning
from points.flows import growth
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.order_completed import complete_order
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.insights.backtest.comparison import Comparison
from points.insights.backtest.proposal import parse_proposal
from points.insights.backtest.reading import read_orders, read_people
from points.insights.backtest.running import run, sides_of
from points.insights.errors import ProposalInvalid
from points.orders.models import Order
from points.program.actions import change_program
from points.program.queries import get_program
from points.segments.facts import Around
from points.tiers.actions import create_tier
from tests.coupons.conftest import template

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def publish(at, code, **fields):
    document = {"name": code, "trigger": "order.completed", **fields}
    earning.create_rule(code=code, document=document, at=at)
    earning.publish_rule(code=code, effective_from=None, at=at, actor="t")


def take(at, name, member="mei", *, cents=(10_000,), status="completed", **more):
    lines = [
        IncomingLine(external_id=str(i), quantity=i, amount_cents=c, category=f"c{i}", sku=f"s{i}")
        for i, c in enumerate(cents, 1)
    ]
    done = {"completed_at": at} if status == "completed" else {}
    order = IncomingOrder(
        external_id=name, member_external_id=member, currency="CNY", placed_at=at, status=status,
        lines=lines, **done, **more,
    )  # fmt: skip
    return take_order(order=order, create_member=True, at=at, actor="t")


def refund(at, name, cents):
    body = IncomingRefund(external_id=f"R-{name}", refunded_at=at, amount_cents=cents)
    refund_order(external_id=name, refund=body, at=at, actor="t")


def propose(**given):
    return parse_proposal(given, get_program())


def compare(at, **given):
    return run(propose(**given), at=at, tell=lambda done, total: None)


def rule(code="extra", **fields):
    document = {"name": code, "trigger": "order.completed", **fields}
    return {"code": code, "document": document}


FIXED = {"kind": "fixed", "points": 30}


def rules_of_many_kinds(start):
    put_payer(
        code="brand", name="Brand", unit_cost_micros=0, at=start,
        terms=BudgetTerms(points=900, period="month", on_limit="stop"),
    )  # fmt: skip
    put_payer(
        code="maker", name="Maker", unit_cost_micros=500_000, at=start,
        terms=BudgetTerms(rate=Decimal("0.01"), period="campaign", on_limit="stop"),
    )  # fmt: skip
    limits = {"per_member": {"day": 1, "month": 4}}
    publish(start, "gift", reward=FIXED, limits=limits)
    publish(
        start, "double", reward={"kind": "multiplier", "factor": "1.5"}, funding_source="brand",
        limits={"per_member_points": {"week": 120}},
    )  # fmt: skip
    publish(
        start, "big", trigger="order.paid", reward={"kind": "rate", "rate": "0.02"},
        conditions={">": [{"var": "order.amount_cents"}, 12_000]}, funding_source="maker",
    )  # fmt: skip
    publish(
        start, "often", reward={"kind": "per_line", "points": 3, "per": "piece"}, priority=5,
        stacking="exclusive", conditions={">=": [{"var": "member.orders_count"}, 9]},
        limits={"total_points": 200},
    )  # fmt: skip
    publish(
        start, "gold", reward={"kind": "amount", "points": 2, "per_cents": 1_000},
        conditions={"in": [{"var": "member.tier"}, ["gold"]]},
    )  # fmt: skip


def ladder(start):
    for code, threshold, multiplier in (("silver", 300, "1.2"), ("gold", 900, "1.5")):
        fields = {"code": code, "threshold": threshold, "name_en": code}
        create_tier(fields={**fields, "benefits": {"earn_multiplier": multiplier}}, at=start)


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_of_the_rules_in_force_gives_every_order_what_it_really_got(shop, noon, seed):
    """60 days of 6 members under limits, budgets and tiers: the ledger and the replay agree."""
    chance = random.Random(seed)
    change_program(
        changes={"earning": {"excluded_categories": ["c3"], "rounding": "half_up"}}, at=noon
    )
    ladder(noon)
    rules_of_many_kinds(noon)
    at, waiting = noon + HOUR, []
    for i in range(110):
        at += timedelta(minutes=chance.randint(5, 1_500))
        for name, due in [one for one in waiting if one[1] <= at]:
            complete_order(external_id=name, completed_at=due, at=due, actor="t")
            waiting.remove((name, due))
        growth.review_tiers(at=at)
        cents = [chance.randint(0, 15_000) for _ in range(chance.randint(1, 4))]
        status = chance.choice(["paid", "completed", "completed"])
        more = {"shipping_cents": chance.choice([0, 800])}
        if sum(cents) > 2_000:
            more["discount_cents"] = chance.choice([0, 700])
        member = f"m{chance.randint(1, 6)}"
        take(at, f"O-{i}", member, cents=cents, status=status, **more)
        if status == "paid" and chance.random() < 0.8:
            waiting.append((f"O-{i}", at + timedelta(minutes=chance.randint(1, 4_000))))
            waiting.sort(key=lambda one: one[1])
    end = at + DAY
    assert _replayed(noon, end) == {
        row.external_id: row.points_earned for row in Order.objects.all()
    }
    assert sum(_replayed(noon, end).values()) > 3_000


def _replayed(start, end):
    live, draft = sides_of(propose(), at=end)
    found = {}

    def settled(order, gains):
        points = [sum(one.points for one in of_side) for of_side in gains]
        assert points[0] == points[1]
        found[order.external_id] = points[0]

    comparing = Comparison(live, draft, start=start, by_value=False, settled=settled)
    for orders in read_orders(start=start, until=end):
        members = comparing.unknown(orders)
        around = Around(end, get_program().calendar)
        comparing.meet(
            read_people(members=members, start=start, segments=set(), around=around)
        )  # fmt: skip
        for order in orders:
            comparing.take(order)
    comparing.end()
    return found


@pytest.mark.parametrize("share", ["by_line", "proportional"])
def test_refunds_take_back_in_the_replay_what_they_really_took(shop, noon, share):
    change_program(changes={"clawback": {"share": share}}, at=noon)
    publish(noon, "gift", reward={"kind": "amount", "points": 7, "per_cents": 900})
    chance = random.Random(5)
    for i in range(30):
        cents = [chance.randint(100, 9_000) for _ in range(3)]
        take(noon + i * HOUR, f"O-{i}", f"m{i % 4}", cents=cents)
        if chance.random() < 0.6:
            refund(noon + 40 * HOUR, f"O-{i}", chance.randint(1, sum(cents)))
    found = compare(noon + 2 * DAY, days=5)
    orders = Order.objects.all()
    assert found.live.granted_points == sum(one.points_earned for one in orders)
    assert found.live.taken_back_points == sum(one.points_clawed_back for one in orders) > 0
    assert found.live == found.draft


def test_a_draft_is_compared_with_what_is_live_to_the_point(shop, noon):
    """The story of docs/algorithms/back-test.md."""
    put_payer(code="brand", name="Brand", unit_cost_micros=400_000, terms=None, at=noon)
    publish(noon, "gift", reward=FIXED)
    take(noon, "A-1", "mei", cents=(10_000,))
    take(noon + DAY, "A-2", "mei", cents=(5_050, 5_000))
    take(noon + DAY, "B-1", "tao", cents=(2_000,))
    take(noon + 2 * DAY, "C-1", "lin", cents=(40_000,))
    refund(noon + 3 * DAY, "A-2", 10_050)
    found = compare(
        noon + 4 * DAY, days=10,
        rules=[
            {"code": "gift", "document": None},
            rule(
                "weekend", reward={"kind": "multiplier", "factor": "1.3"}, funding_source="brand",
                conditions={">=": [{"var": "order.amount_cents"}, 10_000]},
                starts_at="2030-01-01T00:00:00+00:00",
            ),
        ],
    )  # fmt: skip
    # live: 130, 130 (all taken back), 50, 430; draft: 130, 130 (taken back), 20, 520
    assert (found.orders, found.members, found.revenue_cents) == (4, 3, 52_000)
    assert (found.live.granted_points, found.live.taken_back_points, found.live.points) == (
        740, 130, 610,
    )  # fmt: skip
    assert (found.draft.granted_points, found.draft.taken_back_points, found.draft.points) == (
        800, 130, 670,
    )  # fmt: skip
    # 610 points at face value (a fen each); 520 at face value and 150 at 0.4 fen.
    assert (found.live.cost_cents, found.draft.cost_cents) == (610, 580)
    assert [(s.source, s.live_points, s.draft_points) for s in found.sources] == [
        ("base", 520, 520), ("weekend", 0, 150), ("gift", 90, 0),
    ]  # fmt: skip
    assert [(p.funding_source, p.live_points, p.draft_cost_cents) for p in found.payers] == [
        ("merchant", 610, 520), ("brand", 0, 60),
    ]  # fmt: skip
    assert (found.winners, found.losers, found.unchanged) == (1, 1, 1)
    names = {o.member_id: o.external_id[0] for o in Order.objects.all()}
    assert [(names[c.member_id], c.live_points, c.draft_points) for c in found.most_won] == [
        ("C", 430, 520)
    ]
    assert [(names[c.member_id], c.live_points, c.draft_points) for c in found.most_lost] == [
        ("B", 50, 20)
    ]
    # one loses half or more, one the same, one wins 10 % or more
    assert found.spread == [1, 0, 0, 1, 0, 1, 0, 0]
    assert found.tier_moves is None
    days = [s for s in found.stretches if s.live_points]
    assert [(s.starts_on.day, s.live_points, s.draft_points) for s in days] == [
        (1, 130, 130), (2, 50, 20), (3, 430, 520),
    ]  # fmt: skip


def test_rules_whose_time_is_over_are_not_live_and_a_draft_is_held_against_all_days(shop, noon):
    publish(noon, "past", reward=FIXED, ends_at=(noon + DAY).isoformat())
    take(noon, "O-1")
    found = compare(noon + 3 * DAY, days=10, rules=[rule(reward={"kind": "fixed", "points": 5})])
    assert (found.live.points, found.draft.points) == (100, 105)


def test_a_changed_programme_and_ladder_move_members(shop, noon):
    change_program(changes={"tiers": {"is_on": True}}, at=noon)
    ladder(noon)
    take(noon, "A-1", "mei", cents=(40_000,))  # growth 400: silver
    take(noon + DAY, "A-2", "mei", cents=(10_000,))  # 100, and 20 as silver
    take(noon + DAY, "B-1", "tao", cents=(20_000,))
    growth.review_tiers(at=noon + 2 * DAY)
    found = compare(
        noon + 2 * DAY, days=30, growth={"step_cents": 50, "per_step": 1},
        tiers=[{"code": "gold", "threshold": 800, "earn_multiplier": "2"}],
        earning={"points_per_step": 2},
    )  # fmt: skip
    assert found.live.points == 400 + 120 + 200
    # mei is gold with 800 growth before her second order, tao silver with 400 after his first
    assert found.draft.points == 800 + 2 * 200 + 400
    moves = {(m.live_tier, m.draft_tier): m.members for m in found.tier_moves}
    assert moves == {("silver", "gold"): 1, (None, "silver"): 1}


def test_budgets_begin_full_and_stop_on_both_sides(shop, noon):
    terms = BudgetTerms(points=100, period="month", on_limit="stop")
    put_payer(code="brand", name="Brand", unit_cost_micros=0, terms=terms, at=noon)
    publish(noon, "gift", reward=FIXED, funding_source="brand")
    for i in range(5):
        take(noon + i * HOUR, f"O-{i}", f"m{i}", cents=(100,))
    more = rule("gift", reward={"kind": "fixed", "points": 40}, funding_source="brand")
    found = compare(noon + DAY, days=3, rules=[more])
    gift = next(one for one in found.sources if one.source == "gift")
    assert (gift.live_points, gift.live_refused_points, gift.live_orders) == (90, 60, 3)
    assert (gift.draft_points, gift.draft_refused_points, gift.draft_orders) == (80, 120, 2)


def test_only_the_days_asked_for_count_but_earlier_orders_are_known(shop, noon):
    first = {"==": [{"var": "member.orders_count"}, 0]}
    take(noon, "O-1")
    take(noon + 10 * DAY, "O-2")
    take(noon + 10 * DAY, "O-3", "tao")
    found = compare(noon + 11 * DAY, days=5, rules=[rule(reward=FIXED, conditions=first)])
    assert (found.orders, found.live.points, found.draft.points) == (2, 200, 230)


def test_segments_and_tags_are_those_of_now(shop, noon):
    join_member(external_id="tao", name="Tao", tags=["vip"], at=noon)
    take(noon, "O-1", "mei")
    take(noon, "O-2", "tao")
    tagged = {"in": ["vip", {"var": "member.tags"}]}
    found = compare(noon + DAY, days=5, rules=[rule(reward=FIXED, conditions=tagged)])
    assert (found.live.points, found.draft.points) == (200, 230)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"days": 0}, "days"),
        ({"months": 3}, "months"),
        ({"rules": [{"code": "x", "document": None}] * 2}, "rules"),
        ({"rules": [rule(reward={"kind": "fixed"})]}, "rules[0].document.reward"),
        ({"rules": [rule(reward=FIXED, funding_source="nobody")]}, "rules.extra.funding_source"),
        ({"earning": {"step": 5}}, "earning"),
        ({"tiers": [{"code": "none", "threshold": 5}]}, "tiers"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_its_field(shop, noon, given, field):
    with pytest.raises(ProposalInvalid) as refused:
        compare(noon, **given)
    assert str(refused.value.facts["field"]).startswith(field)


def test_conditions_are_checked_before_anything_is_read(shop, noon):
    with pytest.raises(ConditionInvalid):
        compare(noon, rules=[rule(reward=FIXED, conditions={"var": "member.shoe_size"})])


def test_nothing_is_written(shop, noon):
    ladder(noon)
    publish(noon, "gift", reward=FIXED, limits={"per_member": {"day": 1}})
    take(noon, "O-1")
    before = _everything()
    compare(noon + DAY, days=5, rules=[rule(reward=FIXED)], growth={"step_cents": 5, "per_step": 1})
    assert _everything() == before


def _everything():
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, c.oid::regclass::text from pg_class c join pg_namespace n"
            " on n.oid = relnamespace where relkind = 'r' and nspname = current_schema() order by 1"
        )
        tables = cursor.fetchall()
        found = {}
        for name, table in tables:
            cursor.execute(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
                           f" from {table} t")  # fmt: skip
            found[name] = cursor.fetchone()[0]
    return found


def test_coupons_are_counted_beside_points_and_go_with_a_full_refund(shop, noon):
    template()
    publish(noon, "gift", reward=FIXED)
    take(noon, "A-1", "mei")
    take(noon + DAY, "A-2", "mei")
    take(noon + DAY, "B-1", "tao", cents=(5_000,))
    take(noon + 2 * DAY, "C-1", "lin")
    refund(noon + 3 * DAY, "B-1", 4_999)
    refund(noon + 3 * DAY, "C-1", 10_000)
    coupon = {"kind": "coupon", "template": "twenty"}
    found = compare(
        noon + 4 * DAY,
        days=10,
        rules=[rule("gift", reward=coupon, limits={"per_member": {"ever": 1}})],
    )
    # Mei one of two, Tao keeps his (a part came back), Lin's went back with the whole order.
    assert (found.live.coupons, found.draft.coupons) == (0, 2)
    (gift,) = [one for one in found.sources if one.source == "gift"]
    assert (gift.live_points, gift.draft_points) == (60, 0)
    assert (gift.live_coupons, gift.draft_coupons, gift.draft_orders) == (0, 2, 2)
    assert found.draft.points == found.live.points - 60
