"""The points mall by its stories: variants, audiences, limits in time, money, and what it gives."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.models import OutboxEvent
from points.coupons.models import Coupon
from points.flows import redeemed
from points.flows.member_joined import join_member
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Hold, Transaction
from points.redemption import errors
from points.redemption.actions import change_item, fulfil_redemption
from points.redemption.choosing import audience_of
from points.redemption.models import MallItem, MallVariant, Redemption
from points.redemption.queries import get_offer, list_offers
from points.segments.actions import create_segment
from points.tiers.models import MemberTier, Tier, TierMove
from tests.coupons.conftest import template
from tests.mall.conftest import AT, cash_of, grant, item, pay_in, points_of, redeem

RED, BLUE = {"name_en": "Red", "stock": 2}, {"name_en": "Blue", "stock": 0, "price_points": 150}


def variants_of(what):
    return list(MallVariant.objects.filter(item=what).order_by("position"))


class TestVariants:
    def test_stock_and_price_are_the_variants_own(self, mei):
        mug = item(variants=[RED, {**BLUE, "stock": 5, "low_stock_at": 3}])
        red, blue = variants_of(mug)
        redeem(mei, mug, variant_id=red.pk)
        made = redeem(mei, mug, 2, variant_id=blue.pk)
        assert (made.points, points_of(mei)) == (300, 600)
        assert [row.stock for row in variants_of(mug)] == [1, 3]
        mug.refresh_from_db()
        assert (mug.stock, mug.redeemed_count) == (None, 3)
        told = OutboxEvent.objects.get(topic="mall_item.low_stock").payload
        assert (told["variant_id"], told["stock"]) == (str(blue.pk), 3)

    def test_one_has_to_be_chosen_and_to_be_this_items(self, mei):
        mug, other = item(variants=[RED, BLUE]), item(variants=[RED])
        with pytest.raises(errors.VariantNeeded):
            redeem(mei, mug)
        with pytest.raises(errors.VariantNotFound):
            redeem(mei, mug, variant_id=variants_of(other)[0].pk)
        with pytest.raises(errors.VariantNotFound):
            redeem(mei, item(), variant_id=variants_of(mug)[0].pk)
        with pytest.raises(errors.OutOfStock):
            redeem(mei, mug, variant_id=variants_of(mug)[1].pk)
        assert points_of(mei) == 1_000

    def test_left_out_is_retired_and_what_was_redeemed_still_names_it(self, mei):
        mug = item(variants=[RED, BLUE])
        red, blue = variants_of(mug)
        made = redeem(mei, mug, variant_id=red.pk)
        change_item(
            item_id=mug.pk, changes={}, variants=[{"id": blue.pk, "stock": 4}, {"name_en": "Green"}]
        )
        with pytest.raises(errors.VariantNotFound):
            redeem(mei, mug, variant_id=red.pk)
        offer = get_offer(item_id=mug.pk, at=AT)
        assert [(row.name_en, row.stock) for row in offer.variants] == [
            ("Blue", 4),
            ("Green", None),
        ]
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        red.refresh_from_db()
        assert (red.stock, red.redeemed_count, red.is_retired) == (2, 0, True)

    def test_affordable_looks_at_the_cheapest_that_is_left(self, mei):
        item(title_en="Dear", price_points=90, variants=[{**RED, "stock": 0}, {**BLUE, "stock": 1}])
        item(title_en="Fair", price_points=150, variants=[{**RED, "price_points": 100}])
        found = list_offers(at=AT, limit=9, member=mei.pk, within_points=100)
        assert [offer.item.title_en for offer in found] == ["Fair"]

    def test_kinds_that_give_by_themselves_have_none(self, shop):
        with pytest.raises(errors.ItemContradicts):
            item(kind="gift_code", variants=[RED])
        assert not MallItem.objects.filter(kind="gift_code").exists()


class TestAudiences:
    @pytest.fixture
    def ladder(self, shop):
        Tier.objects.all().delete()
        made = {}
        for n, code in enumerate(("basic", "silver", "gold")):
            made[code] = Tier.objects.create(
                code=code, name_en=code.title(), threshold=n * 100, created_at=AT
            )
        return made

    def test_for_gold_and_above(self, mei, ladder):
        robe = item(tiers=["silver", "gold"])
        with pytest.raises(errors.NotYourTier) as refused:
            redeem(mei, robe)
        assert refused.value.facts == {"tiers": ["silver", "gold"]}
        offer = get_offer(item_id=robe.pk, at=AT, member=mei.pk)
        assert offer.excluded_by == "tier" and offer.for_tiers.is_and_above
        assert [tier.code for tier in offer.for_tiers.tiers] == ["silver", "gold"]
        gold = ladder["gold"]
        MemberTier.objects.create(member_id=mei.pk, tier=gold, earned_tier=gold, since=AT)
        TierMove.objects.create(
            member_id=mei.pk, kind="manual", to_tier=gold, occurred_at=AT, recorded_at=AT
        )
        assert redeem(mei, robe).points == 100
        assert get_offer(item_id=robe.pk, at=AT, member=mei.pk).excluded_by is None

    def test_for_a_segment(self, mei):
        create_segment(
            code="rich", name="Rich", description="", at=AT,
            condition={">=": [{"var": "member.points_available"}, 950]},
        )  # fmt: skip
        robe = item(segment="rich")
        redeem(mei, robe)
        with pytest.raises(errors.NotYourSegment):
            redeem(mei, robe)
        assert points_of(mei) == 900

    def test_nothing_is_asked_for_what_is_for_everybody(self, mei, django_assert_num_queries):
        mug = item()
        with django_assert_num_queries(0):
            audience_of(member=mei.pk, items=[mug], at=AT)


def test_a_limit_begins_anew_with_the_shops_month(mei):
    """23:59 on 31 March in Shanghai is 15:59 UTC; a minute later it is April."""
    tea = item(per_member_limit=2, per_member_period="month", price_points=10)
    last = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    redeem(mei, tea, 2, at=last)
    with pytest.raises(errors.LimitReached) as refused:
        redeem(mei, tea, at=last)
    assert refused.value.facts == {"limit": 2, "period": "month"}
    assert get_offer(item_id=tea.pk, at=last, member=mei.pk).redeemed == 2
    april = last + timedelta(minutes=1)
    assert get_offer(item_id=tea.pk, at=april, member=mei.pk).redeemed == 0
    assert len(list_offers(at=last, limit=9, member=mei.pk, within_points=99)) == 0
    assert len(list_offers(at=april, limit=9, member=mei.pk, within_points=99)) == 1
    redeem(mei, tea, 2, at=april)


def test_low_stock_is_told_once_for_each_crossing(mei):
    tea = item(stock=6, low_stock_at=4, price_points=10)
    made = [redeem(mei, tea) for _ in range(4)]
    told = OutboxEvent.objects.filter(topic="mall_item.low_stock")
    assert [event.payload["stock"] for event in told] == [4]
    for row in made:
        redeemed.cancel(redemption_id=row.pk, at=AT, actor="t")
    redeem(mei, tea, 3)
    assert [event.payload["stock"] for event in told.order_by("pk")] == [4, 3]


class TestMoney:
    def test_points_and_cash_move_together_and_come_back_together(self, mei):
        pay_in(mei, 3_000)
        mug = item(price_cents=990, stock=5)
        made = redeem(mei, mug, 2, payment="wallet")
        assert (points_of(mei), cash_of(mei), made.paid_at) == (800, 1_020, AT)
        assert Transaction.objects.get(pk=made.cash_transaction_id).amount == -1_980
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        assert (points_of(mei), cash_of(mei)) == (1_000, 3_000)

    def test_a_cent_too_few_and_nothing_moves(self, mei):
        pay_in(mei, 989)
        mug = item(price_cents=990, stock=5)
        with pytest.raises(errors.InsufficientCash) as refused:
            redeem(mei, mug, payment="wallet")
        assert refused.value.facts == {"needed": 990, "available": 989}
        assert (points_of(mei), cash_of(mei)) == (1_000, 989)
        with pytest.raises(errors.PaymentNeeded):
            redeem(mei, mug)
        mug.refresh_from_db()
        assert (mug.stock, Redemption.objects.count()) == (5, 0)

    def test_points_wait_for_money_and_are_spent_when_it_comes(self, mei):
        mug = item(price_cents=990, stock=1, per_member_limit=1)
        made = redeem(mei, mug, payment="later")
        assert (made.status, made.pay_by) == ("awaiting_payment", AT + timedelta(minutes=30))
        assert points_of(mei) == 900 and Hold.objects.get().status == "open"
        with pytest.raises(errors.OutOfStock):
            redeem(mei, mug)
        paid = redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1")
        again = redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1")
        assert paid.status == again.status == "pending"
        assert Transaction.objects.filter(kind="capture").count() == 1
        assert not Redemption(**vars_of(paid)).can_cancel(AT, by_member=True)
        with pytest.raises(errors.AskTheShop):
            redeemed.cancel(redemption_id=made.pk, at=AT, actor="m", by_member=True)
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
        assert points_of(mei) == 1_000
        with pytest.raises(errors.NotAwaitingPayment):
            redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1")

    def test_who_does_not_pay_in_time_loses_nothing(self, mei):
        mug = item(price_cents=990, stock=1, per_member_limit=1)
        made = redeem(mei, mug, payment="later")
        assert redeemed.give_up_unpaid(at=made.pay_by - timedelta(seconds=1)) == 0
        assert redeemed.give_up_unpaid(at=made.pay_by) == 1
        assert redeemed.give_up_unpaid(at=made.pay_by) == 0
        mug.refresh_from_db()
        assert (points_of(mei, made.pay_by), mug.stock) == (1_000, 1)
        row = Redemption.objects.get()
        assert (row.status, row.cancel_reason, row.transaction_id) == ("cancelled", "unpaid", None)
        redeem(mei, mug, payment="later", at=made.pay_by)

    def test_money_a_little_late_still_counts_while_the_points_are_there(self, mei):
        mug = item(price_cents=990, stock=2)
        late = AT + timedelta(hours=1)
        made = redeem(mei, mug, payment="later")
        assert redeemed.mark_paid(redemption_id=made.pk, at=late, actor="s").status == "pending"
        assert points_of(mei, late) == 900
        made = redeem(mei, mug, payment="later", at=late)
        later = late + timedelta(hours=1)
        redeem(mei, item(price_points=900), at=later)
        with pytest.raises(errors.PaymentTooLate):
            redeemed.mark_paid(redemption_id=made.pk, at=later, actor="s")


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in Redemption._meta.fields}


def test_the_short_way_stays_short(mei, django_assert_num_queries):
    """An item without variants, audience, period and money: the item, the points, the limit, the row."""
    mug = item(stock=9, per_member_limit=5)
    told = {"member_id": mei.pk, "item_id": mug.pk, "quantity": 1, "at": AT, "actor": "t"}
    redeemed.redeem(**told)
    with django_assert_num_queries(4):
        redeemed.redeem(**told)


def test_points_that_are_not_there_take_nothing_else(shop):
    lin = join_member(external_id="lin", at=AT)
    grant(lin, 99)
    pay_in(lin, 5_000)
    template()
    voucher = item(kind="coupon", coupon_template="twenty", price_cents=100, stock=1)
    with pytest.raises(InsufficientPoints):
        redeem(lin, voucher, payment="wallet")
    assert (cash_of(lin), Coupon.objects.count(), MallItem.objects.get(pk=voucher.pk).stock) == (
        5_000,
        0,
        1,
    )


def test_what_waits_for_money_is_not_fulfilled(mei):
    made = redeem(mei, item(price_cents=1), payment="later")
    with pytest.raises(errors.NotFulfillable):
        fulfil_redemption(redemption_id=made.pk, at=AT, actor="s")
