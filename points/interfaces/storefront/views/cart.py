"""The member's cart, and what a visitor gathered in the browser."""

import uuid
from collections.abc import Mapping, Sequence

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.problems import CsrfFailed, NotSignedIn
from kernel.ids import parse_id
from points.interfaces.finding import require_id
from points.interfaces.storefront import shop_rendering as rendering
from points.interfaces.storefront import shop_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint, StorefrontEndpoint
from points.interfaces.storefront.views.shop import terms_for
from points.shop.cart import price_cart
from points.shop.cart_actions import merge_cart, put_line, remove_lines
from points.shop.composition import shipping_goal
from points.shop.errors import CartFull, VariantNotFound
from points.shop.models import Variant
from points.shop.queries import get_variants, list_cart


class Cart(MemberEndpoint):
    """The cart at the prices of now. 5 queries, 3 while tiers are off."""

    @operation(
        summary="Get the cart",
        description="Each line says whether it can be bought: `available`, `too_few` (`left` says how"
        " many there are), `sold_out`, `paused` or `gone`. Sums are of those that can.",
        answers={200: shapes.CartOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> shapes.CartOut:
        return show(self)


class CartLineView(MemberEndpoint):
    """One line of the cart."""

    @operation(
        summary="Put so many of a variant into the cart",
        description="The number that is in it from then on. The same call again changes nothing.",
        body=shapes.QuantityIn,
        answers={200: shapes.CartOut},
        refuses=[VariantNotFound, CartFull, NotSignedIn, CsrfFailed],
    )
    def put(self, request: Request, body: shapes.QuantityIn, variant_id: str) -> shapes.CartOut:
        put_line(
            member_id=self.member.pk, variant_id=require_id(variant_id, VariantNotFound),
            quantity=body.quantity, at=clock.now(),
        )  # fmt: skip
        return show(self)

    @operation(
        summary="Take a variant out of the cart",
        description="Not in it: the same answer.",
        answers={200: shapes.CartOut},
        refuses=[VariantNotFound, NotSignedIn, CsrfFailed],
    )
    def delete(self, request: Request, variant_id: str) -> shapes.CartOut:
        parsed = require_id(variant_id, VariantNotFound)
        remove_lines(member_id=self.member.pk, variant_ids=[parsed])
        return show(self)


class CartMerges(MemberEndpoint):
    """A visitor signed in."""

    @operation(
        summary="Add what a visitor gathered to the cart",
        description="Of a variant in both the larger number stays, so that the same call again"
        " changes nothing. What is gone is left out.",
        body=shapes.CartLinesIn,
        answers={200: shapes.CartOut},
        refuses=[NotSignedIn, CsrfFailed],
    )
    def post(self, request: Request, body: shapes.CartLinesIn) -> shapes.CartOut:
        merge_cart(member_id=self.member.pk, quantities=_quantities(body), at=clock.now())
        return show(self)


class CartPreviews(StorefrontEndpoint):
    """The cart of a visitor, which lives in the browser. 3 queries."""

    @operation(
        summary="Price what a visitor gathered",
        description="Nothing is kept. What does not exist is left out.",
        body=shapes.CartLinesIn,
        answers={200: shapes.CartOut},
        refuses=[CsrfFailed],
    )
    def post(self, request: Request, body: shapes.CartLinesIn) -> shapes.CartOut:
        wanted = _quantities(body)
        found = get_variants(variant_ids=wanted)
        lines = [(found[one], pieces) for one, pieces in wanted.items() if one in found]
        return _priced(self, lines)


def show(view: MemberEndpoint) -> shapes.CartOut:
    """The member's cart as it is now."""
    lines = [(line.variant, line.quantity) for line in list_cart(member=view.member.pk)]
    return _priced(view, lines)


def _priced(view: StorefrontEndpoint, lines: Sequence[tuple[Variant, int]]) -> shapes.CartOut:
    benefits, shop = terms_for(view)
    priced = price_cart(lines, benefits.member_price_rate)
    goal = shipping_goal(shop, priced.total_cents, is_free=benefits.free_shipping)
    return rendering.cart(priced, goal)


def _quantities(body: shapes.CartLinesIn) -> Mapping[uuid.UUID, int]:
    """By variant; what is no id is nobody's."""
    return {found: line.quantity for line in body.lines if (found := parse_id(line.variant_id))}
