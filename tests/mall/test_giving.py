"""What items give by themselves, and what is handed over at the counter: exactly once."""

from datetime import UTC, datetime, timedelta

import pytest

from points.coupons.actions import use
from points.coupons.errors import CouponUsed, TemplateExhausted
from points.coupons.models import Coupon
from points.flows import redeemed
from points.redemption import errors
from points.redemption.actions import change_item
from points.redemption.handing import find_at_counter, reveal_gift_codes, use_benefit, verify_pickup
from points.redemption.models import GiftCode, Redemption
from points.redemption.offering import add_gift_codes, empty_pool
from points.redemption.queries import pool_of, tails_of
from tests.coupons.conftest import template
from tests.mall.conftest import AT, cash_of, item, points_of, redeem


class TestCoupons:
    def test_one_for_each_unit_at_once(self, mei):
        template()
        made = redeem(mei, item(kind="coupon", coupon_template="twenty", stock=9), 2)
        assert made.status == "fulfilled"
        rows = Coupon.objects.filter(member_id=mei.pk)
        assert sorted(made.delivered["coupons"]) == sorted(row.code for row in rows)
        assert {row.source_id for row in rows} == {str(made.pk), f"{made.pk}:1"}

    def test_cancelled_while_unused_they_are_voided(self, mei):
        template(total=1)
        voucher = item(kind="coupon", coupon_template="twenty", stock=9)
        made = redeem(mei, voucher)
        with pytest.raises(TemplateExhausted):
            redeem(mei, voucher)
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        assert Coupon.objects.get().state == "voided"
        assert points_of(mei) == 1_000
        voucher.refresh_from_db()
        assert voucher.stock == 9

    def test_a_used_one_is_not_taken_back(self, mei):
        template()
        made = redeem(mei, item(kind="coupon", coupon_template="twenty"))
        use(codes=made.delivered["coupons"], reference="O-1", discounts={}, at=AT, actor="t")
        with pytest.raises(CouponUsed):
            redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        assert points_of(mei) == 900
        assert Redemption.objects.get().status == "fulfilled"

    def test_an_item_on_sale_says_which(self, shop):
        with pytest.raises(errors.ItemContradicts):
            item(kind="coupon")
        item(kind="coupon", status="draft")


def test_a_red_packet_is_cash_at_once_and_stays(mei):
    made = redeem(mei, item(kind="red_packet", red_packet_cents=88), 3)
    assert (cash_of(mei), points_of(mei), made.status) == (264, 700, "fulfilled")
    with pytest.raises(errors.AlreadyDelivered):
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
    assert cash_of(mei) == 264


class TestGiftCodes:
    @pytest.fixture
    def card(self, shop):
        made = item(kind="gift_code", stock=99)
        assert made.stock == 0
        add_gift_codes(
            item_id=made.pk, codes=["AAAA-1111", "BBBB-2222", "CCCC-3333"], at=AT, actor="s"
        )
        return made

    def test_the_pool_is_the_stock_and_no_code_is_in_two(self, card):
        other = item(kind="gift_code")
        codes = ["DDDD-4444", "AAAA-1111"]
        done = add_gift_codes(item_id=other.pk, codes=codes, at=AT, actor="s")
        assert (done.added, done.duplicates) == (1, ["AAAA-1111"])
        for row in (card, other):
            row.refresh_from_db()
        assert (card.stock, other.stock) == (3, 1)
        stored = "".join(GiftCode.objects.values_list("sealed", flat=True))
        assert "AAAA-1111" not in stored
        with pytest.raises(errors.ItemContradicts):
            change_item(item_id=card.pk, changes={"stock": 7})

    def test_its_owner_alone_sees_it(self, mei, card):
        made = redeem(mei, card, 2)
        assert reveal_gift_codes(redemption=made) == ["AAAA-1111", "BBBB-2222"]
        assert tails_of(redemption_id=made.pk) == ["••••111", "••••222"]
        assert pool_of(item_id=card.pk) == (1, 2)
        with pytest.raises(errors.AlreadyDelivered):
            redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        with pytest.raises(errors.OutOfStock):
            redeem(mei, card, 2)
        assert points_of(mei) == 800

    def test_a_code_is_kept_for_who_still_has_to_pay(self, mei, card):
        change_item(item_id=card.pk, changes={"price_cents": 500})
        made = redeem(mei, card, payment="later")
        assert empty_pool(item_id=card.pk) == 2
        paid = redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="s")
        assert reveal_gift_codes(redemption=paid) == ["AAAA-1111"]


class TestCounter:
    PICKUP = {"delivery": "pickup", "pickup_days": 2}

    def test_collected_once(self, mei):
        made = redeem(mei, item(**self.PICKUP))
        assert made.delivery == "pickup"
        assert made.valid_until == datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
        typed = made.code.lower().replace("-", " ")
        assert find_at_counter(code=typed).pk == made.pk
        assert verify_pickup(code=typed, at=AT, actor="staff:1").status == "fulfilled"
        with pytest.raises(errors.AlreadyHandedOver) as refused:
            verify_pickup(code=typed, at=AT + timedelta(hours=1), actor="staff:2")
        assert refused.value.facts == {"at": AT.isoformat()}

    def test_not_after_its_last_day(self, mei):
        made = redeem(mei, item(**self.PICKUP))
        with pytest.raises(errors.PickupOver):
            verify_pickup(code=made.code, at=made.valid_until, actor="s")
        moment = made.valid_until - timedelta(seconds=1)
        assert verify_pickup(code=made.code, at=moment, actor="s").status == "fulfilled"

    def test_what_is_sent_unpaid_or_cancelled_is_not_handed_over(self, mei):
        both = item(delivery="both", price_cents=100)
        address = {"name": "Mei", "phone": "1", "region": "", "line": "1 Tea Road"}
        sent = redeem(mei, both, address=address, delivery="ship", payment="outside")
        waits = redeem(mei, both, delivery="pickup", payment="later")
        gone = redeem(mei, both, delivery="pickup", payment="outside")
        redeemed.cancel(redemption_id=gone.pk, at=AT, actor="t")
        for row, why in ((sent, "shipped"), (waits, "unpaid"), (gone, "cancelled")):
            with pytest.raises(errors.NotForPickup) as refused:
                verify_pickup(code=row.code, at=AT, actor="s")
            assert refused.value.facts == {"why": why}
        with pytest.raises(errors.PickupCodeWrong):
            verify_pickup(code="22222-22222", at=AT, actor="s")

    def test_ways_that_are_not_offered(self, mei):
        with pytest.raises(errors.DeliveryNotOffered):
            redeem(mei, item(), delivery="pickup")
        with pytest.raises(errors.AddressNeeded):
            redeem(mei, item(), delivery="ship")

    def test_a_benefit_is_good_for_its_days_and_used_once(self, mei):
        spa = item(kind="benefit", benefit_en="A foot massage", benefit_days=1)
        made = redeem(mei, spa)
        assert (made.status, made.valid_until) == (
            "fulfilled", datetime(2026, 3, 2, 16, 0, tzinfo=UTC),
        )  # fmt: skip
        assert made.can_cancel(AT, by_member=True)
        assert use_benefit(redemption_id=made.pk, at=AT, actor="staff:1").used_at == AT
        with pytest.raises(errors.AlreadyHandedOver):
            verify_pickup(code=made.code, at=AT, actor="staff:2")
        with pytest.raises(errors.AlreadyDelivered):
            redeemed.cancel(redemption_id=made.pk, at=AT, actor="t")
        other = redeem(mei, spa)
        redeemed.cancel(redemption_id=other.pk, at=AT, actor="t")
        assert points_of(mei) == 900
