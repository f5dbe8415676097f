"""The money part of a redemption and gift codes, as a member's browser has them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.flows.books_checked import check_books
from points.flows.member_joined import join_member
from points.redemption.offering import add_gift_codes
from points.shop.order_models import Payment
from tests.checkout.test_stripe import account, pay  # noqa: F401
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _books(shop):
    yield
    assert check_books() == []


@pytest.fixture
def card(shop, mei, give, put_on_sale):
    """A gift card at 100 points and 9.90; Mei has 500 points."""
    now = datetime.now(UTC)
    give(mei, 500, at=now - timedelta(days=1))
    card = put_on_sale(100, kind="gift_code", price_cents=990, stock=None)
    add_gift_codes(item_id=card.pk, codes=["SECRET-77"], at=now, actor="s")
    return card


@pytest.fixture
def made(mei_browser, card):
    body = {"mall_item_id": str(card.pk), "quantity": 1, "payment": "later"}
    answer = mei_browser.post("/redemptions", body, idem="new")
    assert answer.status == 201, answer
    return answer.json


def paths(made):
    path = f"/redemptions/{made['id']}"
    return path, f"{path}/payments", f"{path}/payment-checks", f"{path}/gift-codes"


def test_from_redeeming_to_the_code(mei_browser, account, made, stripe_control):  # noqa: F811
    path, payments, checks, codes = paths(made)
    assert made["status"] == "awaiting_payment"
    assert [one["code"] for one in made["payment_methods"]] == ["stripe", "offline"]
    assert mei_browser.get(codes).json == {"codes": []}

    begun = mei_browser.post(payments, {"provider": "stripe"})
    assert (begun.status, begun.json["status"], begun.json["amount_cents"]) == (201, "open", 990)
    assert begun.json["url"].startswith(stripe_control.url)
    assert mei_browser.post(payments, {"provider": "stripe"}).json == begun.json
    payment = Payment.objects.get()
    session = stripe_control.stand_in.store.find("checkout.session", payment.provider_id, account)
    assert session["success_url"].endswith(f"{path}?paid=1")
    assert mei_browser.post(checks, {}).json["status"] == "awaiting_payment"

    pay(stripe_control, payment)
    back = mei_browser.post(checks, {}).json
    assert (back["status"], back["delivered"]["gift_codes"]) == ("fulfilled", 1)
    (paid,) = back["payments"]
    assert (paid["status"], paid["url"], back["payment_methods"]) == ("paid", None, [])
    assert mei_browser.get(path).json == back
    assert mei_browser.get(codes).json == {"codes": ["SECRET-77"]}
    assert "SECRET" not in mei_browser.get("/redemptions").raw.decode()


def test_only_its_owner_sees_the_code(mei_browser, account, made, shop, stripe_control):  # noqa: F811
    path, payments, checks, codes = paths(made)
    mei_browser.post(payments, {"provider": "stripe"})
    pay(stripe_control, Payment.objects.get())
    mei_browser.post(checks, {})
    lin = Browser(shop).enter(join_member(external_id="lin", at=datetime.now(UTC)))
    for answer in (
        lin.get(path), lin.get(codes), lin.post(payments, {"provider": "stripe"}),
        lin.post(checks, {}),
    ):  # fmt: skip
        assert (answer.status, answer.code) == (404, "redemption.not_found")
        assert b"SECRET" not in answer.raw
    assert Browser(shop).get(codes).status == 401


@pytest.mark.parametrize(
    ("provider", "status", "code"),
    [("wechat", 400, "api.invalid_body"), ("stripe", 409, "shop.payment_method_off")],
)
def test_a_way_that_is_not_offered_is_refused(mei_browser, made, provider, status, code):
    refused = mei_browser.post(paths(made)[1], {"provider": provider})
    assert (refused.status, refused.code) == (status, code)
    assert not Payment.objects.exists()


def test_at_the_shop_there_is_no_page_and_cancelling_ends_it(mei_browser, made):
    path, payments, _, _ = paths(made)
    begun = mei_browser.post(payments, {"provider": "offline"})
    assert (begun.status, begun.json["url"]) == (201, None)
    gone = mei_browser.post(f"{path}/cancellation", {}).json
    assert (gone["status"], gone["payments"][0]["status"]) == ("cancelled", "closed")
    refused = mei_browser.post(payments, {"provider": "offline"})
    assert (refused.status, refused.code) == (409, "redemption.not_awaiting_payment")


def test_a_list_asks_for_payments_once(mei_browser, put_on_sale, mei, card, give):
    """However many wait to be paid: the session, the redemptions, their payments, the settings."""
    mug = put_on_sale(10, price_cents=100, stock=None)

    def count():
        with CaptureQueriesContext(connection) as seen:
            assert mei_browser.get("/redemptions").status == 200
        return len(seen)

    body = {"mall_item_id": str(mug.pk), "quantity": 1, "payment": "later"}
    assert mei_browser.post("/redemptions", body, idem="new").status == 201
    mei_browser.get("/redemptions")
    one = count()
    for _ in range(4):
        assert mei_browser.post("/redemptions", body, idem="new").status == 201
    assert count() == one
