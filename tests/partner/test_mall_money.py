"""What the mall's items give and cost in money, over the partner API: pools of gift codes, the money
part, and codes at the counter."""

import pytest

from points.flows.books_checked import check_books
from points.shop.order_models import Payment
from tests.partner.calls import API, balance, caller, contents, give, item, refusal, sent

NOBODY = "01a20077-438c-767c-86e5-9c0bfbe1af05"


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def other(toys, shop):
    """The toy shop's API, with a key that may do all."""
    return caller(toys)


def redeem(api, what, **more):
    body = {"member_external_id": "mei", "mall_item_id": what["id"], **more}
    return sent(api.post(f"{API}/redemptions", body, idem="new"))


def read(api, made):
    return sent(api.get(f"{API}/redemptions/{made['id']}"), 200)


@pytest.fixture
def unpaid(partner, mei):
    """A mug at 80 points and 9.90, redeemed and to be paid later."""
    give(partner, 100)
    return redeem(partner, item(partner, price_cents=990, stock=1), payment="later")


class TestGiftCodes:
    @pytest.fixture
    def card(self, partner):
        return item(partner, kind="gift_code", title="Card")

    def path(self, card):
        return f"{API}/mall-items/{card['id']}/gift-codes"

    def test_codes_fill_the_pool_once(self, partner, card):
        told = sent(partner.post(self.path(card), {"codes": ["A-1", "A-2", "A-1"]}))
        assert told == {"added": 2, "duplicates": [], "stock": 2}
        told = sent(partner.post(self.path(card), {"codes": ["A-2", " A-3 ", "A-3", " "]}))
        assert told == {"added": 1, "duplicates": ["A-2"], "stock": 3}

    def test_the_same_press_counts_once(self, partner, card):
        first = partner.post(self.path(card), {"codes": ["A-1"]}, idem="one")
        again = partner.post(self.path(card), {"codes": ["A-1"]}, idem="one")
        assert sent(first) == sent(again) == {"added": 1, "duplicates": [], "stock": 1}
        assert again.headers["Idempotent-Replayed"] == "true"
        refusal(
            partner.post(self.path(card), {"codes": ["A-9"]}, idem="one"), 422,
            "api.idempotency_key_reused",
        )  # fmt: skip

    def test_no_code_is_ever_told_again(self, partner, card, mei):
        give(partner, 100)
        sent(partner.post(self.path(card), {"codes": ["SECRET-77"]}))
        made = redeem(partner, card)
        assert made["delivered"]["gift_codes"] == 1
        for path in (f"mall-items/{card['id']}", f"redemptions/{made['id']}", "mall-items"):
            assert b"SECRET-77" not in partner.get(f"{API}/{path}").raw

    @pytest.mark.parametrize(
        ("codes", "status", "code"),
        [
            ([], 400, "api.invalid_body"),
            ([""], 400, "api.invalid_body"),
            (["   "], 400, "redemption.no_codes_given"),
            (["x" * 201], 400, "api.invalid_body"),
        ],
    )
    def test_what_is_no_list_of_codes_changes_nothing(
        self, partner, shop, card, codes, status, code
    ):
        before = contents(shop)
        refusal(partner.post(self.path(card), {"codes": codes}), status, code)
        assert contents(shop) == before

    def test_other_items_have_no_pool(self, partner, shop):
        mug = item(partner)
        before = contents(shop)
        answer = partner.post(self.path(mug), {"codes": ["A-1"]})
        refusal(answer, 409, "redemption.not_a_gift_code_item")
        assert contents(shop) == before

    def test_another_merchant_does_not_find_it(self, other, card, shop, toys):
        before = contents(shop), contents(toys)
        answer = other.post(self.path(card), {"codes": ["A-1"]})
        refusal(answer, 404, "redemption.item_not_found")
        assert (contents(shop), contents(toys)) == before

    def test_who_may_only_read_is_refused(self, shop, card):
        answer = caller(shop, "mall:read").post(self.path(card), {"codes": ["A-1"]})
        refusal(answer, 403, "channels.scope_missing")


class TestPayment:
    def pay(self, api, made, **options):
        return api.post(f"{API}/redemptions/{made['id']}/payment", {}, **options)

    def test_money_that_came_spends_the_points(self, partner, mei, unpaid):
        assert balance(partner, mei) == (20, 0, 80, 0)
        assert (unpaid["status"], unpaid["payments"]) == ("awaiting_payment", [])
        paid = sent(self.pay(partner, unpaid), 200)
        assert (paid["status"], paid["paid_at"]) == ("pending", "2026-03-01T04:00:00Z")
        (payment,) = paid["payments"]
        assert (payment["provider"], payment["status"], payment["amount_cents"]) == (
            "offline", "paid", 990,
        )  # fmt: skip
        assert balance(partner, mei) == (20, 0, 0, 0)

    def test_said_twice_it_counts_once(self, partner, shop, unpaid):
        paid = sent(self.pay(partner, unpaid, idem="one"), 200)
        after = contents(shop)
        assert sent(self.pay(partner, unpaid, idem="one"), 200) == paid
        assert sent(self.pay(partner, unpaid), 200) == paid
        assert contents(shop) == after

    def test_what_was_given_up_is_not_paid(self, partner, mei, shop, unpaid):
        sent(partner.post(f"{API}/redemptions/{unpaid['id']}/cancellation", {}), 200)
        before = contents(shop)
        facts = refusal(self.pay(partner, unpaid), 409, "redemption.not_awaiting_payment")
        assert facts == {"status": "cancelled"}
        assert contents(shop) == before
        assert balance(partner, mei) == (100, 0, 0, 0)

    def test_late_money_for_points_that_are_gone_is_refused(self, partner, unpaid, it_is_noon):
        it_is_noon.shift(3_600)
        redeem(partner, item(partner, price_points=90))
        refusal(self.pay(partner, unpaid), 409, "redemption.payment_too_late")

    def test_nobody_else_finds_it(self, partner, other, shop, unpaid):
        before = contents(shop)
        refusal(self.pay(other, unpaid), 404, "redemption.not_found")
        refusal(self.pay(partner, {"id": NOBODY}), 404, "redemption.not_found")
        refusal(self.pay(partner, {"id": "no-id"}), 404, "redemption.not_found")
        assert contents(shop) == before

    def test_money_paid_at_the_shop_is_given_back_by_hand(self, partner, other, unpaid):
        paid = sent(self.pay(partner, unpaid), 200)
        path = f"{API}/redemptions/{unpaid['id']}/payments/{paid['payments'][0]['id']}/return"
        facts = refusal(partner.post(path, {}), 409, "shop.payment_state")
        assert facts == {"status": "paid"}
        gone = sent(partner.post(f"{API}/redemptions/{unpaid['id']}/cancellation", {}), 200)
        assert gone["payments"][0]["status"] == "owed"
        refusal(other.post(path, {}), 404, "redemption.not_found")
        done = sent(partner.post(path, {"note": "Bank transfer"}), 200)
        assert done["payments"][0]["status"] == "settled"
        assert done["payments"][0]["note"].endswith(": Bank transfer")
        assert sent(partner.post(path, {"note": "Again"}), 200) == done == read(partner, unpaid)
        assert Payment.objects.count() == 1

    def test_a_payment_of_another_redemption_is_not_found(self, partner, unpaid):
        sent(self.pay(partner, unpaid), 200)
        give(partner, 100)
        second = redeem(partner, item(partner))
        for payment in (Payment.objects.get().pk, NOBODY, "no-id"):
            path = f"{API}/redemptions/{second['id']}/payments/{payment}/return"
            refusal(partner.post(path, {}), 404, "shop.payment_not_found")


class TestPickup:
    PATH = f"{API}/pickup-verifications"

    @pytest.fixture
    def shown(self, partner, mei):
        give(partner, 100)
        return redeem(partner, item(partner, delivery="pickup"))["code"]

    def test_it_is_handed_over_once(self, partner, shown):
        seen = sent(partner.post(self.PATH, {"code": shown, "only_look": True}), 200)
        assert seen["status"] == "pending"
        done = sent(partner.post(self.PATH, {"code": shown.lower().replace("-", "")}), 200)
        assert (done["status"], done["fulfilled_at"]) == ("fulfilled", "2026-03-01T04:00:00Z")
        answer = partner.post(self.PATH, {"code": shown})
        facts = refusal(answer, 409, "redemption.already_handed_over")
        assert facts == {"at": "2026-03-01T04:00:00+00:00"}

    def test_the_same_press_hears_the_same(self, partner, shown):
        first = sent(partner.post(self.PATH, {"code": shown}, idem="one"), 200)
        assert sent(partner.post(self.PATH, {"code": shown}, idem="one"), 200) == first

    def test_what_is_not_paid_stays_here(self, partner, shop, mei):
        give(partner, 100)
        made = redeem(
            partner, item(partner, delivery="pickup", price_cents=990), payment="later"
        )  # fmt: skip
        before = contents(shop)
        facts = refusal(
            partner.post(self.PATH, {"code": made["code"]}), 409, "redemption.not_for_pickup"
        )
        assert facts == {"why": "unpaid"}
        assert contents(shop) == before

    def test_a_code_of_another_merchant_is_wrong(self, other, shown, shop):
        before = contents(shop)
        refusal(other.post(self.PATH, {"code": shown}), 404, "redemption.pickup_code_wrong")
        assert contents(shop) == before

    def test_guessing_makes_wait(self, partner):
        answers = [partner.post(self.PATH, {"code": f"22222-{n:05}"}).code for n in range(11)]
        assert answers == ["redemption.pickup_code_wrong"] * 10 + ["api.rate_limited"]
