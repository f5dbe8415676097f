"""What the demo shops' malls have beside the plain items of the story: one of every kind.

Added when the story is told, so that it goes on as it always did.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from devstack.demo.shops import GROOVE, TEA, Shop
from points.coupons.models import CouponTemplate
from points.coupons.templates import create_template
from points.redemption.actions import create_item
from points.redemption.models import MallItem
from points.redemption.offering import add_gift_codes

Fields = dict[str, Any]
_TEMPLATES: dict[str, Fields] = {
    TEA.slug: {
        "code": "mall-twenty", "name_zh": "满 100 减 20", "name_en": "20 off 100",
        "kind": "amount_off", "amount_cents": 2_000, "threshold_cents": 10_000, "valid_days": 30,
        "status": "active",
    },
    GROOVE.slug: {
        "code": "mall-tenth", "name_zh": "九折券", "name_en": "10 % off", "kind": "percent_off",
        "rate": Decimal("0.1"), "valid_days": 60, "status": "active",
    },
}  # fmt: skip
_TEA: tuple[Fields, ...] = (
    {
        "kind": "goods", "title_zh": "手作陶杯", "title_en": "Hand-thrown cup", "image": "1f375",
        "description_zh": "景德镇手拉坯，三种釉色。", "description_en": "Thrown by hand, in three glazes.",
        "price_points": 900, "delivery": "both", "pickup_place_zh": "湖滨店前台",
        "pickup_place_en": "Lakeside branch", "pickup_days": 14,
        "variants": [
            {"name_zh": "青瓷", "name_en": "Celadon", "stock": 12, "low_stock_at": 3},
            {"name_zh": "天目", "name_en": "Tenmoku", "stock": 2, "low_stock_at": 3},
            {"name_zh": "柴烧", "name_en": "Wood-fired", "stock": 6, "price_points": 1_500},
        ],
    },
    {
        "kind": "coupon", "title_zh": "满 100 减 20 券", "title_en": "20 off 100",
        "image": "1f39f", "price_points": 150, "coupon_template": "mall-twenty",
        "per_member_limit": 2, "per_member_period": "month",
    },
    {
        "kind": "red_packet", "title_zh": "2 元红包", "title_en": "Red packet of 2 yuan",
        "image": "1f9e7", "price_points": 220, "red_packet_cents": 200, "per_member_limit": 1,
        "per_member_period": "day",
    },
    {
        "kind": "benefit", "title_zh": "茶艺师一对一品鉴", "title_en": "A tasting with our tea master",
        "image": "1fad6", "price_points": 600, "benefit_zh": "30 分钟单独品鉴，三款名茶",
        "benefit_en": "30 minutes for you alone, three famous teas", "benefit_days": 60,
        "tiers": ["gourmet", "honoured"],
    },
    {
        "kind": "gift_code", "title_zh": "音乐月卡", "title_en": "A month of music",
        "image": "1f381", "price_points": 800, "low_stock_at": 3,
    },
    {
        "kind": "goods", "title_zh": "龙井新茶 50 克", "title_en": "Longjing tea, 50 g",
        "image": "1f375", "price_points": 400, "price_cents": 1_990, "stock": 30, "low_stock_at": 5,
        "delivery": "pickup", "pickup_place_zh": "湖滨店前台", "pickup_place_en": "Lakeside branch",
        "pickup_days": 7,
    },
)  # fmt: skip
_GROOVE: tuple[Fields, ...] = (
    {
        "kind": "goods", "title_zh": "店铺 T 恤", "title_en": "Shop T-shirt", "image": "1f381",
        "description_en": "Heavy cotton, printed next door.", "price_points": 1_200,
        "variants": [
            {"name_en": "S", "stock": 8, "low_stock_at": 2}, {"name_en": "M", "stock": 0},
            {"name_en": "L", "stock": 5, "low_stock_at": 2},
        ],
    },
    {
        "kind": "coupon", "title_zh": "九折券", "title_en": "10 % off your next visit",
        "image": "1f39f", "price_points": 300, "coupon_template": "mall-tenth",
    },
    {
        "kind": "benefit", "title_zh": "唱片清洗", "title_en": "Ten records cleaned",
        "image": "1f381", "price_points": 500, "benefit_en": "Bring up to ten records",
        "benefit_days": 90,
    },
)  # fmt: skip
_ITEMS = {TEA.slug: _TEA, GROOVE.slug: _GROOVE}


@transaction.atomic
def open_rewards(shop: Shop, at: datetime) -> None:
    """One of every kind, once."""
    template = _TEMPLATES[shop.slug]
    if CouponTemplate.objects.filter(code=template["code"]).exists():
        return
    create_template(fields=template, at=at)
    first = MallItem.objects.count()
    for position, item in enumerate(_ITEMS[shop.slug], start=first):
        fields = {**item, "position": position}
        variants = fields.pop("variants", [])
        made = create_item(fields=fields, variants=variants, at=at)
        if made.kind == MallItem.Kind.GIFT_CODE:
            codes = [f"MUSIC-{n:04}-DEMO" for n in range(1, 9)]
            add_gift_codes(item_id=made.pk, codes=codes, at=at, actor="demo")
