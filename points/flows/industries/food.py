"""Food and drinks: wide margins and guests who come every week, so three per cent comes back soon."""

from points.flows.industries.shape import (
    IndustryTemplate,
    StarterItem,
    StarterTier,
    profile,
    review,
    welcome,
)
from points.program.calculations import Expiry

FOOD = IndustryTemplate(
    points_per_step=3,
    expiry=Expiry(months=6),
    offset_step_points=100,
    items=(
        StarterItem(
            "1f964", "免费升级一号", "One size larger", "任意饮品或主食，升大一号。",
            "Any drink or main dish, one size larger.", 5, is_on_sale=True,
        ),
        StarterItem(
            "1f37d", "加一份配料", "An extra topping", "点单时出示兑换码，任选一种配料。",
            "Show the code when you order and choose any topping.", 5, is_on_sale=True,
        ),
        StarterItem(
            "2615", "招牌饮品一杯", "A signature drink", "招牌饮品任选一杯。",
            "One of our signature drinks, your choice.", 20,
        ),
        StarterItem(
            "1f370", "今日甜点一份", "Dessert of the day", "当天现做。",
            "Made the same day.", 25,
        ),
        StarterItem(
            "1f36a", "手工曲奇一盒", "A box of cookies", "十二片装，可以带走。",
            "Twelve pieces, to take home.", 40, kind="goods", limit=2,
        ),
        StarterItem(
            "1f382", "生日蛋糕", "Birthday cake", "六寸，请提前一天预约。",
            "Six inches; please tell us a day ahead.", 150, limit=1,
        ),
    ),
    ladder=(
        StarterTier("member", "会员", "Member", 0, "#8a94a6"),
        StarterTier("regular", "熟客", "Regular", 500, "#4f8a6b", "1.1"),
        StarterTier("gourmet", "老饕", "Gourmet", 2_000, "#b7862b", "1.25"),
        StarterTier("honoured", "座上宾", "Guest of honour", 6_000, "#8c4a5b", "1.5"),
    ),
    tasks=(
        welcome("2"),
        profile("1"),
        review(
            "1", "说说这顿饭", "Review a meal", "写下你喜欢的味道，每月 3 次。",
            "Tell others what you liked, up to three times a month.",
        ),
    ),
)  # fmt: skip
