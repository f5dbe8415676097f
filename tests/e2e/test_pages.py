"""Every page of the three surfaces, in both languages: readable by everybody, on every screen.

Each is opened once per language: photographed at both sizes, judged by axe-core (in English as on a
desk, in Chinese as on a phone), and narrowed to 360 pixels. The pictures in .cache/screenshots are
for people to look at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import pages
from tests.e2e.cases import CONSOLE, MEMBER, OWNER, PORTAL, STOREFRONT, Case
from tests.e2e.conftest import new_context
from tests.e2e.product import Product, Visitor
from tests.e2e.shops import ADDRESS, PASSWORD, Shop
from tests.e2e.watch import Watch

LANGUAGES = ("en", "zh-hans")


@dataclass
class Tour:
    """The same few browsers for all pages; a page of each is kept open."""

    chromium: Browser
    watch: Watch
    visitors: Callable[[str, str, str], Visitor]
    facts: dict[str, dict[str, str]]

    def __post_init__(self) -> None:
        self._pages: dict[tuple[str, str, str], Page] = {}

    def open(self, case: Case, language: str) -> Page:
        """The page, settled, in a desk's window."""
        key = (case.surface, case.who, language)
        visitor = self.visitors(*key)
        if key not in self._pages:
            context = new_context(self.chromium, self.watch)
            pages.adopt(context, visitor.cookies, visitor.url, language)
            self._pages[key] = context.new_page()
        page = self._pages[key]
        page.set_viewport_size(pages.DESK)
        pages.open_page(page, visitor.url + case.path.format(**self.facts[language]))
        return page

    def close(self) -> None:
        """End the browsers."""
        for page in self._pages.values():
            page.context.close()


@pytest.fixture(scope="module")
def tour(
    chromium: Browser, watch: Watch, product: Product, red: Shop, pale: Shop, mei: Visitor,
    owner: Visitor,
) -> Iterator[Tour]:  # fmt: skip
    """All visitors, signed in once."""
    shops = {"en": red, "zh-hans": pale}
    signed_in = {
        ("en", MEMBER): mei, ("en", OWNER): owner,
        ("zh-hans", MEMBER): pale.sign_in("M001"), ("zh-hans", OWNER): pale.sign_in_owner(),
    }  # fmt: skip

    def find(surface: str, who: str, language: str) -> Visitor:
        if surface != "portal":
            return signed_in.get((language, who)) or shops[language].visitor()
        return staff if who == OWNER else product.visitor()

    staff = _sign_in_at_portal(product, red)
    signups = _make_signups(product)
    facts = {
        language: {**_find_facts(shop, signed_in[language, MEMBER]), **signups}
        for language, shop in shops.items()
    }
    made = Tour(chromium, watch, find, facts)
    yield made
    made.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", [*STOREFRONT, *CONSOLE, *PORTAL], ids=str)
def test_page(tour: Tour, watch: Watch, case: Case, language: str) -> None:
    if case.is_missing:
        watch.expect("404")
    page = tour.open(case, language)
    name = f"{case.surface}/{case.name}.{language}"
    pages.photograph(page, f"{name}.desk", pages.DESK)
    violations = pages.find_violations(page) if language == "en" else []
    pages.photograph(page, f"{name}.phone", pages.PHONE)
    if language != "en":
        violations = pages.find_violations(page)
    page.set_viewport_size(pages.NARROW)
    overflow = pages.find_overflow(page)
    assert (violations, overflow) == ([], [])


def _find_facts(shop: Shop, mei: Visitor) -> dict[str, str]:
    """What stands in the addresses."""
    console, partner = shop.sign_in_owner(), shop.partner
    member = partner.get("/api/v1/members?external_id=M001")["items"][0]["id"]
    orders = console.get("/api/console/v1/orders?limit=100")["items"]
    by_number = {order["external_id"]: order["id"] for order in orders}
    redemptions = console.get(f"/api/console/v1/members/{member}/redemptions")["items"]
    return {
        "member": member,
        "segment": _make_segment(partner),
        "rule": _make_rule(partner),
        "event_rule": _make_event_rule(partner),
        "backtest": _make_backtest(partner),
        "item": shop.find_item("Celadon cup")["id"],
        "dear_item": shop.find_item("Hand-made clay teapot")["id"],
        "order": by_number["M001-3"],
        "refunded_order": by_number["M004-1"],
        "coupon": _make_coupons(partner, console),
        "redemption": next(one["id"] for one in redemptions if one["can_cancel"]),
        **_find_red_packets(shop),
        "redemption_to_pay": _make_redemptions(partner),
        **_make_product(shop, mei),
        **_make_imports(partner),
        **_make_webhook(console),
    }


def _find_red_packets(shop: Shop) -> dict[str, str]:
    """One that waits for Mei, one that she has opened. The account that pays withdrawals is a page of
    its own for each provider: New York pays by Stripe, Shanghai by WeChat."""
    found = shop.partner.get("/api/v1/red-packets")["items"]
    payout = {"cash": {"payout": "stripe" if shop.locale == "en" else "wechat"}}
    shop.partner.expect(shop.partner.call("PATCH", "/api/v1/program", payout), "program")
    by_title = {one["title_en"]: one["id"] for one in found}
    return {"red_packet": by_title["New tea"], "opened_red_packet": by_title["Thank you all"]}


def _make_redemptions(partner: Visitor) -> str:
    """One that waits for its money part; one whose money the shop owes back."""
    item = {
        "kind": "goods", "title_en": "Longjing tea, 50 g", "title_zh": "龙井新茶 50 克",
        "image": "1f375", "price_points": 1, "price_cents": 1_990, "delivery": "pickup",
    }  # fmt: skip
    tin = partner.post("/api/v1/mall-items", item)["id"]
    asked = {"member_external_id": "M001", "mall_item_id": tin, "payment": "later"}
    waiting, given_up = (partner.post("/api/v1/redemptions", asked)["id"] for _ in range(2))
    partner.post(f"/api/v1/redemptions/{given_up}/payment", {})
    partner.post(f"/api/v1/redemptions/{given_up}/cancellation", {})
    return str(waiting)


def _make_product(shop: Shop, mei: Visitor) -> dict[str, str]:
    """A tea in two sizes, one of them running out; Mei has both in her cart, and an address."""
    partner = shop.partner
    partner.post("/api/v1/categories", {"code": "leaf", "name_zh": "茶叶", "name_en": "Tea"})
    sizes = {
        "name_zh": "规格",
        "name_en": "Size",
        "values": [{"zh": "小", "en": "Small"}, {"zh": "大", "en": "Large"}],
    }
    variants = [
        {"sku": "LJ-50", "choice": [0], "price_cents": 12_800, "compare_at_cents": 13_800},
        {"sku": "LJ-250", "choice": [1], "price_cents": 56_800, "stock": 2, "low_stock_at": 5},
    ]
    product = {
        "title_zh": "明前龙井", "title_en": "Longjing before the rains", "category": "leaf",
        "options": [sizes], "variants": variants, "status": "on_sale",
    }  # fmt: skip
    made = partner.post("/api/v1/products", product)
    mei.post("/api/storefront/v1/addresses", ADDRESS)
    variants = [one["id"] for one in made["variants"]]
    orders = _make_shop_orders(shop, mei, variants[0])
    # An order takes what it is of out of the cart, so that is filled afterwards.
    for variant in variants:
        mei.call("PUT", f"/api/storefront/v1/cart/lines/{variant}", {"quantity": 3})
    return {"product": made["id"], "variant": variants[0], **orders}


def _make_shop_orders(shop: Shop, mei: Visitor, variant: str) -> dict[str, str]:
    """One that waits for its payment at the counter, one that is paid with a refund asked for."""
    waiting, paid = (_place(mei, variant, quantity) for quantity in (1, 3))
    console, orders = shop.sign_in_owner(), "/api/console/v1/shop-orders"
    payment = console.get(f"{orders}/{paid}")["payments"][0]["id"]
    console.post(f"{orders}/{paid}/payments/{payment}/confirmation", {})
    lines = {"lines": [{"position": 1, "quantity": 1}], "reason": "Broken"}
    mei.post(f"/api/storefront/v1/shop-orders/{paid}/refund-requests", lines)
    return {"order_to_pay": waiting, "order_refund": paid}


def _place(mei: Visitor, variant: str, quantity: int) -> str:
    orders = "/api/storefront/v1/shop-orders"
    asked = {"lines": [{"variant_id": variant, "quantity": quantity}]}
    quote = mei.post("/api/storefront/v1/checkout-quotes", asked)
    body = {**asked, "expected_payable_cents": quote["payable_cents"], "address": ADDRESS}
    made = mei.post(orders, body)["id"]
    mei.post(f"{orders}/{made}/payments", {"provider": "offline"})
    return str(made)


def _make_segment(partner: Visitor) -> str:
    """A segment with one of each kind of row, and a group within."""
    orders, joined, spent, tags = (
        {"var": f"member.{name}"} for name in ("orders_count", "joined_at", "spent_cents", "tags")
    )
    inner = {"or": [{"in": ["vip", tags]}, {"<=": [100, spent, 90_000_000]}]}
    condition = {"and": [{">=": [orders, 1]}, {"<=": [{"days_ago": [joined]}, 365]}, inner]}
    body = {"code": "regulars", "name": "Regulars", "condition": condition}
    made: dict[str, Any] = partner.post("/api/v1/segments", body)
    return str(made["code"])


def _make_coupons(partner: Visitor, console: Visitor) -> str:
    """One to claim, one given to everybody, of which Mei's is used and another one voided."""
    spring = {
        "code": "spring", "kind": "amount_off", "amount_cents": 2_000, "threshold_cents": 10_000,
        "name_zh": "春茶满减券", "name_en": "Spring tea", "valid_days": 30, "status": "active",
        "total": 100, "is_claimable": True, "excluded_categories": ["gift-cards", "books"],
    }  # fmt: skip
    tenth = {
        **spring, "code": "tenth", "kind": "percent_off", "amount_cents": None, "rate": "0.1",
        "cap_cents": 3_000, "name_zh": "九折券", "name_en": "A tenth off", "stacks": True,
    }  # fmt: skip
    for body in (spring, tenth):
        partner.post("/api/v1/coupon-templates", body)
    path = "/api/console/v1/coupon-templates/spring"
    console.post(f"{path}/batches", {"kind": "everybody"})
    pages.wait_until(lambda: console.get(path)["batch"]["status"] == "done", "the batch")
    coupons = [
        partner.post("/api/v1/coupons", {"template": "spring", "member_external_id": member})[
            "code"
        ]
        for member in ("M001", "M002")
    ]
    used = {"reference": "T-1", "amount_cents": 12_000}
    partner.post(f"/api/v1/coupons/{coupons[0]}/use", used)
    partner.post(f"/api/v1/coupons/{coupons[1]}/void", {"reason": "By mistake"})
    return "spring"


def _make_webhook(console: Visitor) -> dict[str, str]:
    """An endpoint where nobody listens, and a test event that failed there."""
    path = "/api/console/v1/webhook-endpoints"
    body = {"url": "http://127.0.0.1:9/jifen", "description": "CRM", "topics": ["points.spent"]}
    made = console.post(path, body)["id"]
    delivery = console.post(f"{path}/{made}/test-events", {})["id"]
    detail = f"/api/console/v1/webhook-deliveries/{delivery}"
    pages.wait_until(lambda: console.get(detail)["attempts"] == 1, "the first try")
    return {"webhook": made, "delivery": delivery}


def _make_rule(partner: Visitor) -> str:
    """A rule in force with a condition and a limit, paid by a brand with a budget."""
    brand = {"code": "brand", "name": "Brand", "budget_points": 1_000, "period": "month"}
    partner.post("/api/v1/funding-sources", brand)
    rule = {
        "code": "friday", "name": "Friday", "trigger": "order.completed", "status": "published",
        "reward": {"kind": "multiplier", "factor": "1.25"}, "funding_source": "brand",
        "conditions": {"==": [{"var": "clock.weekday"}, 5]}, "limits": {"per_member": {"month": 2}},
    }  # fmt: skip
    made: dict[str, Any] = partner.post("/api/v1/earning-rules", rule)
    return str(made["code"])


def _make_event_rule(partner: Visitor) -> str:
    """A rule that asks for a property which the shop's own event brings along."""
    rule = {
        "code": "tasting", "name": "Tasting", "trigger": "custom:tasting", "status": "published",
        "reward": {"kind": "fixed", "points": 30},
        "conditions": {">=": [{"var": "event.properties.guests"}, 2]},
    }  # fmt: skip
    made: dict[str, Any] = partner.post("/api/v1/earning-rules", rule)
    return str(made["code"])


def _make_backtest(partner: Visitor) -> str:
    """One that is done: more base points, without a rule."""
    body = {"days": 365, "rules": [{"code": "friday"}], "earning": {"points_per_step": 2}}
    made: dict[str, Any] = partner.post("/api/v1/backtests", body)
    path = f"/api/v1/backtests/{made['id']}"
    pages.wait_until(lambda: partner.get(path)["status"] == "done", "the back-test")
    return str(made["id"])


def _make_imports(partner: Visitor) -> dict[str, str]:
    """One that waits for the sign-off and one that is written, each with a row that is refused."""
    made = {status: _make_import(partner, status) for status in ("checked", "written")}
    path = f"/api/v1/imports/{made['written']}"
    seen = partner.get(path)["totals"]
    names = ("rows", "members_new", "members_known", "points", "growth", "cost_cents")
    totals = {name: seen[name] for name in names}
    partner.post(f"{path}/commit", {"totals": totals, "skip_refused": True})
    pages.wait_until(lambda: partner.get(path)["status"] == "written", "the import to be written")
    return {f"{status}_import": found for status, found in made.items()}


def _make_import(partner: Visitor, name: str) -> str:
    rows = [
        {"external_id": f"{name}-1", "name": "Ida", "points": 1_200, "expires_at": "2099-12-31"},
        {"external_id": f"{name}-2", "name": "Jo", "points": 300, "expires_at": "never"},
        {"external_id": f"{name}-3", "name": "Kim", "points": "many"},
    ]
    made: dict[str, Any] = partner.post("/api/v1/imports", {"name": name, "rows": rows})
    path = f"/api/v1/imports/{made['id']}"
    partner.post(f"{path}/checks", {})
    pages.wait_until(lambda: partner.get(path)["status"] == "checked", "the import to be checked")
    return str(made["id"])


def _make_signups(product: Product) -> dict[str, str]:
    """One that waits for its code and one that is done."""
    visitor = product.visitor()
    slugs = ("harbour-tea", "harbour-toys")
    made: dict[str, Any] = {}
    for slug in slugs:
        body = {
            "email": f"ada@{slug}.example", "password": PASSWORD, "company": "Harbour & Sons",
            "slug": f"{slug}-{id(made) % 9973}", "currency": "USD", "timezone": "UTC",
            "locale": "en",
        }  # fmt: skip
        with product.next_code(body["email"]) as codes:
            made[slug] = visitor.post("/api/platform/v1/signups", body)["id"]
        made[f"{slug}-code"] = codes[0]
    path = f"/api/platform/v1/signups/{made[slugs[1]]}"
    visitor.post(f"{path}/verification", {"code": made[f"{slugs[1]}-code"]})
    pages.wait_until(lambda: visitor.get(path)["status"] == "ready", "the sign-up to be ready")
    return {"signup": made[slugs[0]], "ready_signup": made[slugs[1]]}


def _sign_in_at_portal(product: Product, shop: Shop) -> Visitor:
    visitor = product.visitor()
    visitor.get("/sign-in")
    credentials = {"email": shop.owner, "password": PASSWORD}
    visitor.post("/api/platform/v1/sessions", credentials)
    return visitor
