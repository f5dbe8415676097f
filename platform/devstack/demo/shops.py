"""What the demo shops are: brand, owner, points mall."""

from dataclasses import dataclass, field

PASSWORD = "demo-demo-demo"


@dataclass(frozen=True, slots=True)
class Item:
    """A mall item of a demo shop."""

    image: str
    zh: str
    en: str
    points: int
    about_zh: str
    about_en: str
    stock: int | None = None
    limit: int | None = None
    kind: str = "goods"


@dataclass(frozen=True, slots=True)
class Shop:
    """A demo merchant."""

    slug: str
    name: str
    owner: str
    brand_color: str
    logo: str
    currency: str
    timezone: str
    locale: str
    # The industry whose tiers it has.
    industry: str
    items: tuple[Item, ...] = field(default=())


GROOVE = Shop(
    "groove", "Groove Records", "owner@groove.example", "#6d28d9", "💿", "USD",
    "America/New_York", "en", "retail",
    (
        Item("1f3b5", "店内点歌一次", "Pick the shop's next song", 40, "到店任选一首，立刻播放。",
             "Choose any record; we play it while you browse.", kind="benefit"),
        Item("1f58a", "乐队签名笔", "Band signature pen", 80, "五支装，防水墨水。",
             "Set of five, waterproof ink.", 2_000),
        Item("1f9e6", "黑胶图案袜子", "Vinyl socks", 120, "精梳棉，均码。",
             "Combed cotton, one size.", 1_500),
        Item("2615", "唱片行马克杯", "Record shop mug", 160, "骨瓷，350 毫升。",
             "Bone china, 350 ml.", 1_200),
        Item("1f4bf", "单曲 CD 任选", "Any CD single", 240, "店内单曲区任选一张。",
             "One of your choice from the singles rack.", 900),
        Item("1f45c", "唱片帆布袋", "Record tote bag", 300, "装得下二十张黑胶。",
             "Holds twenty LPs.", 600),
        Item("1f455", "巡演纪念 T 恤", "Tour T-shirt", 450, "纯棉，S 至 XXL。",
             "Pure cotton, S to XXL.", 400, 2),
        Item("1f39f", "小型演出门票", "Club night ticket", 700, "每月最后一个周五。",
             "Last Friday of the month.", 120, 2),
        Item("1f3a7", "监听耳机", "Studio headphones", 1_500, "封闭式，可换线。",
             "Closed back, detachable cable.", 25, 1),
        Item("1f381", "盲盒唱片", "Mystery LP", 350, "店员私藏，绝不踩雷。",
             "Picked by our staff; no duds.", 0),
    ),
)  # fmt: skip

TEA = Shop(
    "tea", "山茶社", "owner@tea.example", "#2f7d4f", "🍵", "CNY", "Asia/Shanghai", "zh-hans", "food",
    (
        Item("1f375", "茉莉花茶一壶", "Pot of jasmine tea", 200, "到店现泡，无限续水。",
             "Brewed at the table, refills included.", kind="benefit"),
        Item("1f9cb", "手作奶茶", "Milk tea", 300, "鲜奶与锡兰红茶。",
             "Fresh milk and Ceylon tea.", kind="benefit"),
        Item("1f36a", "茶香曲奇", "Tea cookies", 500, "抹茶与伯爵，各六片。",
             "Matcha and earl grey, six each.", 80),
        Item("2615", "龙泉青瓷杯", "Longquan celadon cup", 1_200, "单杯，附木盒。",
             "One cup in a wooden box.", 18, 2),
        Item("1fad6", "紫砂壶", "Yixing clay pot", 6_800, "手工，220 毫升。",
             "Hand made, 220 ml.", 3, 1),
        Item("1f381", "节日礼盒", "Festival gift box", 3_600, "四款茶与一对杯。",
             "Four teas and a pair of cups.", 40),
    ),
)  # fmt: skip

# Invented names for anonymous customers, combined by the customer's number.
GIVEN = """
Ava Ben Cara Dan Elsa Finn Gina Hugo Iris Jack Kim Leo Mia Noah Ola Paul Quinn Rosa Sam
Tara Uma Vic Wanda Xenia Yara Zane Anna Bill Chloe Dean Emma Frank Grace Hal Ida June Kurt
Lily
""".split()
FAMILY = """
Adler Baker Clark Diaz Evans Foster Gray Hill Irwin Jones Kelly Lopez Moore Nash Owens
Price Quist Reyes Stone Tran Underwood Vega West Young Zeller Ames Boyd Cole Drew Ellis
Fox Grant
""".split()
CHINESE = """
梅晓雨 陶然 林清和 周砚 沈知夏 许南风 顾念 江一白 苏木 叶青 何田田 宋时雨 陆远
白芷 程溪 秦月 方正 田野 夏初 谢安 韩松 罗兰 姚远 孟子衿
""".split()


def invented_name(number: int) -> str:
    """A name for customer 00001, 00002 …; the same each time."""
    return f"{GIVEN[number * 31 % len(GIVEN)]} {FAMILY[number * 17 % len(FAMILY)]}"
