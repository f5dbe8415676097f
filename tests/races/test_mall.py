"""The last variant, the last gift code, one code at many counters, the last cent: exact each time."""

import pytest

from kernel.ids import new_id
from points.cash.actions import Gift
from points.cash.actions import give as give_cash
from points.flows import redeemed
from points.flows.books_checked import check_books
from points.flows.shop_paid import settle
from points.ledger.queries import get_balance
from points.redemption.actions import Choice, create_item
from points.redemption.handing import reveal_gift_codes, verify_pickup
from points.redemption.models import GiftCode, MallVariant, Redemption
from points.redemption.offering import add_gift_codes
from points.shop.order_models import Payment
from points.shop.payments.provider import ProviderPayment
from tests.races.conftest import AT, balance, kinds


def take(member, what, **choice):
    return redeemed.redeem(
        member_id=member.pk, item_id=what.pk, quantity=1, at=AT, actor="t", choice=Choice(**choice)
    )


def test_the_last_variant_goes_to_one_of_64(race, members):
    crowd = members(64, points=10)
    mug = create_item(
        fields={"kind": "goods", "title_en": "Mug", "price_points": 10},
        variants=[{"name_en": "Red", "stock": 1}, {"name_en": "Blue", "stock": 7}], at=AT,
    )  # fmt: skip
    red, blue = MallVariant.objects.order_by("position")

    results = race(lambda i: take(crowd[i], mug, variant_id=red.pk), 64)

    assert kinds(results) == {"OutOfStock": 63, "Redemption": 1}
    assert sorted(balance(m)[0] for m in crowd) == [0] + [10] * 63
    red.refresh_from_db()
    blue.refresh_from_db()
    assert (red.stock, red.redeemed_count, blue.stock) == (0, 1, 7)


def test_no_gift_code_is_given_twice(race, members):
    crowd = members(64, points=10)
    card = create_item(fields={"kind": "gift_code", "title_en": "Card", "price_points": 10}, at=AT)
    codes = [f"CODE-{n:04}" for n in range(9)]
    add_gift_codes(item_id=card.pk, codes=codes, at=AT, actor="s")

    results = race(lambda i: take(crowd[i], card), 64)

    assert kinds(results) == {"OutOfStock": 55, "Redemption": 9}
    given = [reveal_gift_codes(redemption=row) for row in Redemption.objects.all()]
    assert sorted(given) == [[code] for code in codes]
    assert not GiftCode.objects.filter(redemption=None).exists()


def test_a_list_uploaded_by_many_at_once_is_in_the_pool_once(race, shop):
    card = create_item(fields={"kind": "gift_code", "title_en": "Card", "price_points": 10}, at=AT)
    codes = [f"CODE-{n:04}" for n in range(20)]

    results = race(
        lambda i: add_gift_codes(
            item_id=card.pk, codes=codes[:: -1 if i % 2 else 1], at=AT, actor="s"
        ),
        16,
    )

    assert kinds(results) == {"Added": 16}
    assert sum(one.added for one in results) == 20 == GiftCode.objects.count()
    card.refresh_from_db()
    assert card.stock == 20


def test_a_code_is_handed_over_at_one_of_64_counters(race, members):
    (mei,) = members(1, points=10)
    mug = create_item(
        fields={"kind": "goods", "title_en": "Mug", "price_points": 10, "delivery": "pickup"}, at=AT
    )
    made = take(mei, mug)

    results = race(lambda i: verify_pickup(code=made.code, at=AT, actor=f"staff:{i}"), 64)

    assert kinds(results) == {"AlreadyHandedOver": 63, "Redemption": 1}


def test_the_last_cent_is_spent_once(race, members):
    (mei,) = members(1, points=6_400)
    gift = Gift(member=mei.pk, cents=990, source="test", source_id=new_id())
    give_cash(gifts=[gift], at=AT, actor="t")
    mug = create_item(
        fields={"kind": "goods", "title_en": "Mug", "price_points": 10, "price_cents": 990}, at=AT
    )

    results = race(lambda i: take(mei, mug, payment="wallet"), 64)

    assert kinds(results) == {"InsufficientCash": 63, "Redemption": 1}
    assert balance(mei)[0] == 6_390
    assert get_balance(member=mei.pk, at=AT, unit="cash").available == 0


@pytest.mark.parametrize("round_", range(2))
def test_paid_or_given_up_never_both(race, members, round_):
    (mei,) = members(1, points=10)
    mug = create_item(
        fields={
            "kind": "goods", "title_en": "Mug", "price_points": 10, "price_cents": 990, "stock": 1,
        }, at=AT,
    )  # fmt: skip
    made = take(mei, mug, payment="later")

    def job(i):
        if i % 2:
            return redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="s")
        return redeemed.cancel(redemption_id=made.pk, at=AT, actor="m", by_member=True)

    results = race(job)

    row = Redemption.objects.get()
    refused = {"cancelled": "NotAwaitingPayment", "pending": "AskTheShop"}[row.status]
    assert kinds(results) == {refused: 16, "Redemption": 16}
    assert balance(mei) == ((10 if row.status == "cancelled" else 0), 0, 0, 0)


def paying(made):
    """A page at the provider where this redemption is paid, and what the provider then says."""
    payment = Payment.objects.create(
        redemption=made, provider="stripe", provider_id=f"cs_{made.pk}", account="a",
        amount_cents=990, created_at=AT, expires_at=AT,
    )  # fmt: skip
    paid = ProviderPayment(
        provider_id=payment.provider_id, status="paid", paid_cents=990, currency="CNY", paid_at=AT,
        refunds=(), disputed_cents=0, url=None,
    )  # fmt: skip
    return payment, paid


def test_paid_64_times_a_redemption_is_paid_once(race, members):
    (mei,) = members(1, points=20)
    card = create_item(
        fields={"kind": "gift_code", "title_en": "Card", "price_points": 10, "price_cents": 990},
        at=AT,
    )
    add_gift_codes(item_id=card.pk, codes=["AAAA-1", "BBBB-2"], at=AT, actor="s")
    made = take(mei, card, payment="later")
    payment, paid = paying(made)

    results = race(lambda i: settle(payment_id=payment.pk, state=paid, at=AT, now=AT), 64)

    assert kinds(results) == {"Payment": 64}
    payment.refresh_from_db()
    assert payment.status == "paid"
    assert reveal_gift_codes(redemption=made) == ["AAAA-1"]
    assert GiftCode.objects.filter(redemption=None).count() == 1
    assert balance(mei) == (10, 0, 0, 0)


def test_paid_at_the_shop_and_by_card_at_once_one_counts(race, members):
    """64 who say that it is paid: half of them the provider, half of them staff."""
    (mei,) = members(1, points=10)
    mug = create_item(
        fields={"kind": "goods", "title_en": "Mug", "price_points": 10, "price_cents": 990}, at=AT
    )
    made = take(mei, mug, payment="later")
    payment, paid = paying(made)

    def job(i):
        if i % 2:
            return settle(payment_id=payment.pk, state=paid, at=AT, now=AT)
        return redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="s")

    results = race(job, 64)

    assert kinds(results) == {"Payment": 32, "Redemption": 32}
    payment.refresh_from_db()
    states = sorted(Payment.objects.values_list("provider", "status"))
    assert states in (
        [("offline", "paid"), ("stripe", "surplus")],
        [("stripe", "paid")],
    )
    assert balance(mei) == (0, 0, 0, 0)
    assert check_books() == []


def test_paid_while_it_is_given_up_it_is_paid_or_the_money_goes_back(race, members):
    """Eight whose time is over: a payment, the sweep and the member meet at each."""
    crowd = members(8, points=10)
    mug = create_item(
        fields={
            "kind": "goods", "title_en": "Mug", "price_points": 10, "price_cents": 990, "stock": 8,
        }, at=AT,
    )  # fmt: skip
    made = [take(one, mug, payment="later") for one in crowd]
    pages = [paying(one) for one in made]
    late = made[0].pay_by

    def job(i):
        row, (payment, paid) = made[i % 8], pages[i % 8]
        if i < 8:
            return settle(payment_id=payment.pk, state=paid, at=late, now=late)
        if i < 16:
            return redeemed.cancel(redemption_id=row.pk, at=late, actor="m", by_member=True)
        return redeemed.give_up_unpaid(at=late)

    results = race(job, 32)

    assert set(kinds(results)) <= {"Payment", "Redemption", "AskTheShop", "int"}
    paid = 0
    for row, (payment, _) in zip(made, pages, strict=True):
        row.refresh_from_db()
        payment.refresh_from_db()
        assert (row.status, payment.status) in (("pending", "paid"), ("cancelled", "surplus"))
        paid += row.status == "pending"
    mug.refresh_from_db()
    assert (mug.stock, mug.redeemed_count) == (8 - paid, paid)
    assert sorted(balance(one)[0] for one in crowd) == [0] * paid + [10] * (8 - paid)
    assert check_books() == []
