"""10,000 random carts, each worked out a second time in another way: with fractions, cent by cent.

The second computation shares no code with the product: it follows docs/algorithms/checkout.md.
"""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from points.coupons.calculations import CouponLine, CouponTerms, combine
from points.program.calculations import Offset, Shop
from points.shop.calculations import member_price_cents
from points.shop.composition import CouponPart, Means, Piece, compose

CARTS, SEED = 10_000, 20261122
SHELVES = ("tea", "ware", "gold", "")


def split(total, weights):
    """Hand out `total` cents one by one to whoever is owed most; ties to the earlier."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    owed = [Fraction(total * weight, whole) for weight in weights]
    got = [part.numerator // part.denominator for part in owed]
    rest = sorted(range(len(weights)), key=lambda i: (got[i] - owed[i], i))
    for i in rest[: total - sum(got)]:
        got[i] += 1
    return got


def draw_terms(dice):
    kind = dice.choice(["amount_off", "percent_off", "free_shipping"])
    scope = dice.choice(["all", "categories", "skus"])
    return CouponTerms(
        kind=kind, scope=scope,
        amount_cents=dice.randint(1, 5_000) if kind == "amount_off" else None,
        rate=Decimal(dice.randint(1, 100)) / 100 if kind == "percent_off" else None,
        cap_cents=dice.choice([None, None, dice.randint(1, 3_000)]) if kind == "percent_off" else None,
        threshold_cents=dice.choice([0, dice.randint(0, 20_000)]),
        categories=tuple(dice.sample(SHELVES, 2)), skus=("s0", "s2"),
        excluded_categories=tuple(dice.sample(SHELVES, dice.choice([0, 0, 1]))),
        stacks=True, with_points=dice.random() < 0.8,
    )  # fmt: skip


def draw(dice):
    """A cart, what stands around it, and what the buyer wants to use."""
    lines = [
        {
            "sku": f"s{i}", "shelf": dice.choice(SHELVES), "count": dice.randint(1, 5),
            "price": dice.choice([0, 1, dice.randint(1, 99_999)]), "rated": dice.random() < 0.8,
            "points": dice.random() < 0.9,
        }
        for i in range(dice.randint(1, 6))
    ]  # fmt: skip
    coupons = {f"C{i}": draw_terms(dice) for i in range(dice.choice([0, 0, 1, 2, 3]))}
    return {
        "lines": lines, "coupons": coupons, "rate": Decimal(dice.randint(50, 100)) / 100,
        "offset": Offset(
            points_per_unit=dice.choice([1, 7, 100, 250]),
            max_rate=Decimal(dice.randint(0, 100)) / 100,
            min_order_cents=dice.choice([0, 5_000]), step_points=dice.choice([1, 10, 100]),
            max_points=dice.choice([None, 500]),
            excluded_categories=dice.choice([[], ["gold"]]),
        ),
        "shop": Shop(
            shipping_cents=dice.choice([0, 800]),
            free_shipping_from_cents=dice.choice([None, 9_900]),
        ),
        "digits": dice.choice([2, 2, 0, 3]), "ships_free": dice.random() < 0.1,
        "has": dice.randint(0, 200_000), "cash": dice.randint(0, 30_000),
    }  # fmt: skip


def by_hand(cart):
    """The same by the book: (goods per line, points, worth per line, shipping, payable, wallet)."""
    unit = 10 ** cart["digits"]
    prices = [
        line["price"] * cart["rate"] if line["rated"] else Decimal(line["price"])
        for line in cart["lines"]
    ]
    full = [int(price) * line["count"] for price, line in zip(prices, cart["lines"], strict=True)]
    goods, used = list(full), []
    order = {"percent_off": 0, "amount_off": 1, "free_shipping": 2}
    for code, terms in sorted(cart["coupons"].items(), key=lambda c: (order[c[1].kind], c[0])):
        inside = [
            line["shelf"] not in terms.excluded_categories
            and (
                terms.scope == "all"
                or (terms.scope == "categories" and line["shelf"] in terms.categories)
                or (terms.scope == "skus" and line["sku"] in terms.skus)
            )
            for line in cart["lines"]
        ]
        before = sum(cents for cents, is_in in zip(full, inside, strict=True) if is_in)
        if not any(inside) or before < terms.threshold_cents:
            continue
        if terms.kind == "free_shipping":
            used.append(code)
            continue
        left = [cents if is_in else 0 for cents, is_in in zip(goods, inside, strict=True)]
        off = terms.amount_cents or 0
        if terms.kind == "percent_off":
            share = Fraction(terms.rate) * sum(left)
            off = min(share.numerator // share.denominator, terms.cap_cents or 10**12)
        off = min(off, sum(left))
        if off:
            used.append(code)
            goods = [a - b for a, b in zip(goods, split(off, left), strict=True)]
    rule = cart["offset"]
    open_to = [
        cents if line["points"] and line["shelf"] not in rule.excluded_categories else 0
        for cents, line in zip(goods, cart["lines"], strict=True)
    ]
    points = 0
    if sum(goods) >= rule.min_order_cents and all(cart["coupons"][c].with_points for c in used):
        share = Fraction(rule.max_rate) * sum(open_to)
        share = share.numerator // share.denominator
        points = min(cart["has"], share * rule.points_per_unit // unit, rule.max_points or 10**12)
        points -= points % rule.step_points
    worth = split(points * unit // rule.points_per_unit, open_to)
    free = cart["ships_free"] or any(cart["coupons"][c].kind == "free_shipping" for c in used)
    free = free or sum(goods) >= (cart["shop"].free_shipping_from_cents or 10**15)
    shipping = 0 if free else cart["shop"].shipping_cents
    payable = sum(goods) - sum(worth) + shipping
    return goods, points, worth, shipping, payable, min(payable, cart["cash"])


def by_the_product(cart):
    pieces = [
        Piece(
            quantity=line["count"], list_cents=line["price"], category=line["shelf"],
            member_cents=member_price_cents(line["price"], cart["rate"], line["rated"]),
            takes_points=line["points"],
        )
        for line in cart["lines"]
    ]  # fmt: skip
    basket = [
        CouponLine(
            sku=line["sku"], category=line["shelf"], quantity=line["count"],
            amount_cents=piece.member_cents * piece.quantity,
        )
        for line, piece in zip(cart["lines"], pieces, strict=True)
    ]  # fmt: skip
    combined = combine(cart["coupons"], basket)
    parts = [
        CouponPart(
            code=code, per_line=one.per_line, frees_shipping=one.frees_shipping,
            with_points=cart["coupons"][code].with_points,
        )
        for code, one in combined.applied.items()
    ]  # fmt: skip
    means = Means(points="most", cash_cents="most", points_available=cart["has"],
                  cash_available_cents=cart["cash"])  # fmt: skip
    return compose(
        pieces, parts, means, offset=cart["offset"], shop=cart["shop"], digits=cart["digits"],
        ships_free=cart["ships_free"],
    )  # fmt: skip


def test_ten_thousand_carts_come_to_what_an_independent_computation_says():
    dice = random.Random(SEED)
    with_points = with_coupons = 0
    for number in range(CARTS):
        cart = draw(dice)
        found = by_the_product(cart)
        assert (
            [line.goods_cents for line in found.lines], found.offset_points,
            [line.offset_cents for line in found.lines], found.shipping_cents,
            found.payable_cents, found.cash_cents,
        ) == by_hand(cart), number  # fmt: skip
        assert found.payable_cents >= 0 and found.due_cents >= 0
        assert all(line.paid_cents >= 0 and line.coupon_cents >= 0 for line in found.lines)
        assert found.payable_cents == (
            sum(line.list_cents - line.member_discount_cents - line.coupon_cents
                - line.offset_cents for line in found.lines) + found.shipping_cents
        )  # fmt: skip
        assert found.offset_points <= found.max_points <= cart["has"]
        with_points += found.offset_points > 0
        with_coupons += any(line.coupon_cents for line in found.lines)
    assert with_points > CARTS // 3 and with_coupons > CARTS // 4


@pytest.mark.parametrize("weights", [[3, 3, 3], [1, 0, 2], [7]])
def test_the_second_way_of_splitting_gives_everything_away(weights):
    assert sum(split(10, weights)) == 10
