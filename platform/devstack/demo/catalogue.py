"""What the demo shops sell for money, and what their tiers pay of the list price."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from devstack.demo.pictures import draw
from devstack.demo.shops import GROOVE, TEA, Shop
from points.media.actions import add_picture
from points.shop.actions import create_category, create_product
from points.shop.models import Product
from points.tiers.actions import change_tier
from points.tiers.queries import list_tiers

# The further up, the less is paid; the top is sent things for nothing as well.
RATES = ("0.98", "0.95", "0.9")
GREEN, AMBER, ROSE, BLUE, LILAC = "#cfe8d6", "#f8dfb8", "#f7d3d0", "#cfe0f5", "#e0d5f5"


@dataclass(frozen=True, slots=True)
class Ware:
    """A product. `sizes`: (article number, value zh, value en, price, stock); one alone has no
    option. Prices in minor units; a stock of None is not counted."""

    category: str
    pictures: tuple[tuple[str, ...], ...]
    ground: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    sizes: tuple[tuple[str, str, str, int, int | None], ...]
    option: tuple[str, str] = ("规格", "Size")
    before: int | None = None
    extras: dict[str, Any] | None = None


TEA_SHELVES = (("leaf", "茶叶", "Tea"), ("snack", "茶点", "Snacks"), ("ware", "茶器", "Tea ware"))
TEA_WARES = (
    Ware("leaf", (("1f375",), ("1f375", "1fad6")), GREEN, "明前龙井", "Longjing before the rains",
         "清明前采摘，手工炒制。豆香清扬，回味甘甜。", "Picked before Qingming, fired by hand.",
         (("LJ-50", "50 克", "50 g", 12_800, 40), ("LJ-100", "100 克", "100 g", 23_800, 18),
          ("LJ-250", "250 克礼盒", "250 g gift box", 56_800, 3))),
    Ware("leaf", (("1fad6",), ("1fad6", "1f36f")), AMBER, "凤凰单丛 蜜兰香", "Phoenix oolong, honey orchid",
         "蜜韵兰香，耐泡十道。", "Honey and orchid, good for ten infusions.",
         (("DC-75", "75 克", "75 g", 9_800, 60), ("DC-150", "150 克", "150 g", 17_800, 22))),
    Ware("leaf", (("1f34a", "1f375"),), ROSE, "小青柑普洱", "Green tangerine pu-erh",
         "新会青柑，熟普为芯，陈香顺滑。", "Ripe pu-erh in a whole Xinhui tangerine.",
         (("XQG-10", "10 颗", "10 pieces", 6_800, 80),), before=7_800),
    Ware("leaf", (("1f33b", "1f375"),), AMBER, "胎菊花茶", "Chrysanthemum tea",
         "桐乡胎菊，头采新花。", "First buds from Tongxiang.", (("JH-60", "", "", 3_900, None),)),
    Ware("snack", (("1f950",), ("1f950", "1f370")), ROSE, "龙井绿豆糕", "Longjing mung bean cakes",
         "现做现发，冷藏保存七天。", "Made to order, keeps seven days in the fridge.",
         (("LDG-6", "6 块", "6 pieces", 3_600, 30), ("LDG-12", "12 块", "12 pieces", 6_600, 6))),
    Ware("snack", (("1f36a", "1f36b"),), AMBER, "乌龙茶曲奇", "Oolong cookies",
         "铁罐装，每罐 180 克。", "180 g in a tin.", (("QQ-180", "", "", 4_800, 45),)),
    Ware("snack", (("1f36f",),), AMBER, "枣花蜂蜜", "Date blossom honey",
         "单一花源，500 克。", "One blossom alone, 500 g.", (("FM-500", "", "", 5_900, 4),)),
    Ware("ware", (("1fad6", "1f375"),), BLUE, "白瓷盖碗套装", "White porcelain gaiwan set",
         "一碗一海六杯，德化白瓷。", "A gaiwan, a pitcher and six cups from Dehua.",
         (("GW-6", "", "", 26_800, 12),), before=29_800),
    Ware("ware", (("2615",), ("2615", "1f375")), LILAC, "湖蓝马克杯", "Lake-blue mug",
         "350 毫升，可进洗碗机。", "350 ml, dishwasher safe.",
         (("MKB-L", "湖蓝", "Lake blue", 6_900, 25), ("MKB-W", "月白", "Moon white", 6_900, 0)),
         option=("颜色", "Colour")),
    Ware("ware", (("1f381",),), ROSE, "礼品卡", "Gift card",
         "送给爱喝茶的朋友，一年内有效。", "For a friend who likes tea, good for a year.",
         (("CARD-100", "100 元", "100 yuan", 10_000, None), ("CARD-300", "300 元", "300 yuan", 30_000, None)),
         option=("面额", "Amount"), extras={"has_member_price": False, "takes_points": False}),
)  # fmt: skip

GROOVE_SHELVES = (
    ("vinyl", "黑胶", "Vinyl"), ("sound", "音响配件", "Sound"), ("wear", "周边", "Merchandise"),
)  # fmt: skip
GROOVE_WARES = (
    Ware("vinyl", (("1f4bf", "1f3b5"),), LILAC, "Kind of Blue 180 克再版", "Kind of Blue, 180 g reissue",
         "模拟母带重刻，双折页封套。", "Cut from the analogue tapes, gatefold sleeve.",
         (("LP-KOB", "", "", 3_499, 24),), before=3_999),
    Ware("vinyl", (("1f4bf",), ("1f4bf", "1f3a7")), BLUE, "深夜爵士精选", "After Hours, our own sampler",
         "本店编选十二首，限量 500 张。", "Twelve sides picked by the shop, 500 pressed.",
         (("AH-BLK", "黑色", "Black", 2_799, 40), ("AH-VIO", "紫色大理石", "Violet marble", 3_299, 5)),
         option=("盘色", "Colour")),
    Ware("vinyl", (("1f3b5",),), AMBER, "盲盒黑胶三张装", "Three mystery LPs",
         "爵士、灵魂、放克随机各一。", "One jazz, one soul, one funk.", (("MYST-3", "", "", 2_500, None),)),
    Ware("sound", (("1f3a7",),), ROSE, "封闭式监听耳机", "Closed studio headphones",
         "可换线，附两副耳垫。", "Detachable cable, two pairs of pads.", (("HP-1", "", "", 14_900, 9),)),
    Ware("sound", (("1f9f4",),), GREEN, "唱片清洁套装", "Record cleaning kit",
         "清洁液 250 毫升加绒刷。", "250 ml of fluid and a velvet brush.", (("CLN-1", "", "", 1_899, 70),)),
    Ware("sound", (("1f4e6",),), AMBER, "内外封套", "Sleeves",
         "抗静电，适合 12 寸唱片。", "Anti-static, for 12-inch records.",
         (("SLV-50", "50 张", "50 pieces", 1_299, 120), ("SLV-100", "100 张", "100 pieces", 2_299, 60))),
    Ware("wear", (("1f455",), ("1f455", "1f45c")), LILAC, "店铺 T 恤", "Shop T-shirt",
         "纯棉丝网印刷。", "Pure cotton, screen-printed.",
         (("TS-S", "S", "S", 2_400, 12), ("TS-M", "M", "M", 2_400, 20), ("TS-L", "L", "L", 2_400, 0),
          ("TS-XL", "XL", "XL", 2_400, 7))),
    Ware("wear", (("1f45c",),), BLUE, "帆布唱片袋", "Record tote",
         "装得下二十张黑胶。", "Holds twenty LPs.", (("TOTE", "", "", 1_600, 55),)),
    Ware("wear", (("1f39f",),), ROSE, "周五之夜门票", "Friday night ticket",
         "含一杯饮料，凭码入场。", "With one drink; show the code at the door.",
         (("FRI", "", "", 1_800, 60),), extras={"has_member_price": False}),
)  # fmt: skip

_SHELVES = {TEA.slug: TEA_SHELVES, GROOVE.slug: GROOVE_SHELVES}
_WARES = {TEA.slug: TEA_WARES, GROOVE.slug: GROOVE_WARES}


@transaction.atomic
def fill_shop(shop: Shop, at: datetime) -> None:
    """Shelves, products and member prices, once."""
    if Product.objects.exists():
        return
    for place, (code, zh, en) in enumerate(_SHELVES[shop.slug]):
        create_category(fields={"code": code, "name_zh": zh, "name_en": en, "position": place})
    for place, ware in enumerate(_WARES[shop.slug]):
        _put_on_sale(ware, place, at)
    upper = list_tiers()[1:]
    for rate, tier in zip(RATES[-len(upper) :], upper[-len(RATES) :], strict=False):
        benefits = {"member_price_rate": rate, "free_shipping": tier == upper[-1]}
        change_tier(code=tier.code, changes={"benefits": benefits})


def _put_on_sale(ware: Ware, place: int, at: datetime) -> None:
    pictures = [
        add_picture(
            raw=draw(codes, ware.ground), file_name=f"{ware.sizes[0][0].lower()}.webp", at=at
        )
        for codes in ware.pictures
    ]
    has_option = len(ware.sizes) > 1
    option = {
        "name_zh": ware.option[0], "name_en": ware.option[1],
        "values": [{"zh": zh, "en": en} for _, zh, en, _, _ in ware.sizes],
    }  # fmt: skip
    create_product(
        fields={
            "title_zh": ware.zh, "title_en": ware.en, "description_zh": ware.about_zh,
            "description_en": ware.about_en, "category": ware.category, "position": place,
            "status": "on_sale", "options": [option] if has_option else [],
            "pictures": [str(one.pk) for one in pictures], **(ware.extras or {}),
        },
        variants=[
            {
                "sku": sku, "choice": [at_] if has_option else [], "price_cents": cents,
                "compare_at_cents": ware.before, "stock": stock,
                "low_stock_at": None if stock is None else 5,
            }
            for at_, (sku, _, _, cents, stock) in enumerate(ware.sizes)
        ],
        at=at,
    )  # fmt: skip
