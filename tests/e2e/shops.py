"""The two merchants of the end-to-end tests, filled through the partner API."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.product import Product, Visitor

PASSWORD = "plum-kettle-harbour-9"
ADDRESS = {"name": "Mei Lin", "phone": "2125550101", "region": "New York", "line": "1 Tea Lane"}
# (days ago, cents) of each member's orders; a point for each unit of money.
ORDERS = {
    "M001": [(200, 41_250), (120, 96_000), (75, 128_000), (40, 64_050), (12, 150_000), (2, 7_990)],
    "M002": [(60, 210_000), (9, 45_500)],
    "M003": [(30, 88_800), (3, 12_345)],
    "M004": [(25, 52_000)],
    "M005": [(100, 9_900)],
}
NAMES = {
    "en": ["Mei Lin", "Bea Keys", "Cara Diaz", "Dan Foster-Underwood", "Elsa Gray"],
    "zh-hans": ["林美", "白芷", "陈可", "欧阳丹枫", "何田田"],
}
# Picture, kind, points, cents, stock, names.
ITEMS = [
    ("1f9cb", "benefit", 120, 0, None, "Milk tea", "手作奶茶"),
    ("1f36a", "goods", 300, 0, 80, "Tea cookies", "茶香曲奇"),
    ("2615", "goods", 450, 1_990, 12, "Celadon cup", "龙泉青瓷杯"),
    ("1f45c", "goods", 800, 0, None, "Linen shopping bag", "亚麻购物袋"),
    ("1fad6", "goods", 68_000, 0, 3, "Hand-made clay teapot", "手工紫砂壶"),
    ("1f381", "goods", 350, 0, 0, "Mystery box", "神秘礼盒"),
]


# Code, names, growth, colour, multiplier.
TIERS = (
    ("member", "会员", "Member", 0, "#8a94a6", "1"),
    ("silver", "银卡会员", "Silver", 100, "#7b8794", "1.1"),
    ("gold", "金卡会员", "Gold", 2_000, "#b7862b", "1.25"),
)


# Code, points, who claims, titles. Mei reviewed and shared, and has not claimed.
TASKS = (
    ("review", 30, "member", "写一条评价", "Write a review"),
    ("share", 5, "auto", "分享给朋友", "Share with a friend"),
    ("visit", 20, "auto", "到店打卡", "Visit us in the shop"),
)


@dataclass(frozen=True)
class Shop:
    """A merchant with its owner and a full API key."""

    slug: str
    name: str
    owner: str
    locale: str
    currency: str
    brand: str
    key: str
    product: Product

    @property
    def url(self) -> str:
        """Address of the storefront, without a slash at the end."""
        return self.visitor().url

    def visitor(self) -> Visitor:
        """Somebody who is not signed in."""
        return self.product.visitor(self.slug)

    @property
    def partner(self) -> Visitor:
        """The merchant's other systems: they have the key."""
        return self.product.visitor(self.slug, key=self.key)

    def phone(self, member: str) -> str:
        """A member's phone number."""
        prefix = "21255501" if self.locale == "en" else "138000000"
        return f"{prefix}{member[-2:]}"

    def sign_in(self, member: str) -> Visitor:
        """A member's session, opened with the code sent to the phone."""
        visitor, phone = self.visitor(), self.phone(member)
        visitor.get("/")
        with self.product.next_code(phone) as codes:
            visitor.post("/api/storefront/v1/sign-in-codes", {"address": phone})
        visitor.post("/api/storefront/v1/sessions", {"address": phone, "code": codes[0]})
        return visitor

    def sign_in_owner(self) -> Visitor:
        """The owner's session in the console."""
        visitor = self.visitor()
        visitor.get("/console/")
        credentials = {"email": self.owner, "password": PASSWORD}
        visitor.post("/api/console/v1/sessions", credentials)
        return visitor

    def find_item(self, title: str) -> dict[str, Any]:
        """A mall item by its English name."""
        items = self.partner.get("/api/v1/mall-items?limit=100")["items"]
        found: dict[str, Any] = next(item for item in items if item["title_en"] == title)
        return found


def open_shop(product: Product, word: str, *, name: str, locale: str, brand: str) -> Shop:
    """A merchant with members, orders, a refund, mall items and redemptions."""
    slug = f"{word}{secrets.token_hex(2)}"
    owner, is_english = f"owner@{slug}.example", locale == "en"
    currency, zone = ("USD", "America/New_York") if is_english else ("CNY", "Asia/Shanghai")
    printed = product.manage(
        *("create_merchant", slug, f"--owner-email={owner}", f"--owner-password={PASSWORD}"),
        *(f"--name={name}", f"--locale={locale}", f"--currency={currency}"),
        *(f"--timezone={zone}", f"--brand-color={brand}"),
    )
    key = json.loads(printed)["api_key"]
    shop = Shop(slug, name, owner, locale, currency, brand, key, product)
    _fill(shop)
    return shop


def _fill(shop: Shop) -> None:
    now = datetime.now(UTC)
    partner = shop.partner
    for number, name in enumerate(NAMES[shop.locale], 1):
        member = f"M{number:03d}"
        joined = (now - timedelta(days=210)).isoformat()
        phone = shop.phone(member)
        body = {"external_id": member, "name": name, "phone": phone, "joined_at": joined}
        partner.post("/api/v1/members", body)
    for code, chinese, english, threshold, color, multiplier in TIERS:
        body = {
            "code": code, "name_zh": chinese, "name_en": english, "threshold": threshold,
            "color": color, "benefits": {"earn_multiplier": multiplier, "birthday_points": 50},
        }  # fmt: skip
        partner.post("/api/v1/tiers", body)
    _send_orders(shop, now)
    for image, kind, points, cents, stock, english, chinese in ITEMS:
        body = {
            "kind": kind, "image": image, "price_points": points, "price_cents": cents,
            "title_en": english, "title_zh": chinese, "stock": stock,
            "description_en": f"{english}, from our own shelves.",
            "description_zh": f"{chinese}，本店自选。",
        }  # fmt: skip
        partner.post("/api/v1/mall-items", body)
    _redeem(shop)
    _set_tasks(shop)
    _open_cash(shop, now)


def _set_tasks(shop: Shop) -> None:
    """A task to claim, one to do, one done for today."""
    for code, points, claim, chinese, english in TASKS:
        card = {"title_zh": chinese, "title_en": english, "claim": claim, "link": "/mall"}
        body = {
            "code": code, "name": chinese if shop.locale != "en" else english,
            "trigger": f"custom:{code}", "status": "published", "task": card,
            "reward": {"kind": "fixed", "points": points}, "limits": {"per_member": {"day": 1}},
        }  # fmt: skip
        shop.partner.post("/api/v1/earning-rules", body)
    for code in ("review", "share"):
        body = {
            "id": f"task-{code}", "type": f"custom:{code}", "member_external_id": "M001",
            "occurred_at": datetime.now(UTC).isoformat(), "properties": {},
        }  # fmt: skip
        shop.partner.post("/api/v1/events", body)


def _send_orders(shop: Shop, now: datetime) -> None:
    orders = [
        _order(shop, f"{member}-{position}", member, cents, now - timedelta(days=days))
        for member, bought in ORDERS.items()
        for position, (days, cents) in enumerate(bought, 1)
    ]
    answer = shop.partner.post("/api/v1/orders/batch", {"orders": orders})
    assert {result["outcome"] for result in answer["results"]} == {"created"}, answer
    paid = _order(shop, "M003-open", "M003", 23_000, now - timedelta(hours=3))
    shop.partner.post("/api/v1/orders", {**paid, "status": "paid", "completed_at": None})
    refund = {
        "external_id": "R-1", "refunded_at": (now - timedelta(days=20)).isoformat(),
        "amount_cents": 26_000,
    }  # fmt: skip
    shop.partner.post("/api/v1/orders/M004-1/refunds", refund)


def _order(shop: Shop, number: str, member: str, cents: int, at: datetime) -> dict[str, Any]:
    half = cents // 2
    lines = [
        {"external_id": "1", "sku": "LEAF", "category": "tea", "quantity": 2, "amount_cents": half},
        {"external_id": "2", "sku": "POT", "quantity": 1, "amount_cents": cents - half},
    ]
    return {
        "external_id": number, "currency": shop.currency, "member_external_id": member,
        "placed_at": at.isoformat(), "completed_at": at.isoformat(), "status": "completed",
        "channel": "web", "shipping_cents": 500, "lines": lines,
    }  # fmt: skip


def _redeem(shop: Shop) -> None:
    """Mei has one of each kind: given at once, handed over, cancelled; Cara's and another
    wait for the console."""
    made = [
        _redeem_one(shop, "M001", "Milk tea"),
        _redeem_one(shop, "M001", "Tea cookies", ADDRESS),
        _redeem_one(shop, "M001", "Linen shopping bag", ADDRESS),
        _redeem_one(shop, "M003", "Tea cookies", ADDRESS),
        _redeem_one(shop, "M002", "Linen shopping bag", ADDRESS),
    ]
    shop.partner.post(f"/api/v1/redemptions/{made[1]}/fulfilment", {"tracking": "SF-1001"})
    shop.partner.post(f"/api/v1/redemptions/{made[2]}/cancellation", {"reason": "Out of colour"})


def _redeem_one(shop: Shop, member: str, title: str, address: object = None) -> str:
    item = shop.find_item(title)["id"]
    body = {"member_external_id": member, "mall_item_id": item, "address": address}
    return str(shop.partner.post("/api/v1/redemptions", body)["id"])


def _open_cash(shop: Shop, now: datetime) -> None:
    """Two red packets, of which Mei has opened one; withdrawals that wait, and one that is paid."""
    partner, cash = shop.partner, {"enabled": True, "member_daily_cents": 2_000}
    partner.expect(partner.call("PATCH", "/api/v1/program", {"cash": cash}), "program")
    for title_zh, title_en, takers in (
        ("谢谢惠顾", "Thank you all", ("M001", "M002", "M004")), ("新茶上市", "New tea", ("M003",)),
    ):  # fmt: skip
        body = {
            "title_zh": title_zh, "title_en": title_en, "total_cents": 30_000, "shares_count": 6,
            "kind": "equal", "ends_at": (now + timedelta(days=2)).isoformat(),
        }  # fmt: skip
        made = partner.post("/api/v1/red-packets", body)["id"]
        for member in takers:
            share = {"member_external_id": member}
            partner.post(f"/api/v1/red-packets/{made}/shares", share)
    paid, *_ = [_withdraw(shop, member) for member in ("M002", "M004", "M001")]
    owner = shop.sign_in_owner()
    at = f"/api/console/v1/withdrawals/{paid}"
    owner.post(f"{at}/approval", {})
    owner.post(f"{at}/payment", {"reference": "BANK-20260301-7"})


def _withdraw(shop: Shop, member: str) -> str:
    body = {
        "member_external_id": member, "amount_cents": 1_200, "payee_name": "Mei Lin",
        "payee_account": "6222 0210 0011 2233",
    }  # fmt: skip
    return str(shop.partner.post("/api/v1/withdrawals", body)["id"])
