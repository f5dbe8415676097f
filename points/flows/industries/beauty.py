"""Beauty and care: dear treatments, months apart, so points live two years."""

from decimal import Decimal

from points.flows.industries.shape import (
    IndustryTemplate,
    StarterItem,
    StarterTier,
    profile,
    review,
    welcome,
)
from points.program.calculations import Expiry

BEAUTY = IndustryTemplate(
    points_per_step=2,
    expiry=Expiry(months=24),
    max_offset_rate=Decimal("0.2"),
    offset_step_points=100,
    items=(
        StarterItem(
            "231a", "优先预约", "First choice of appointments", "下次预约，时段由你先选。",
            "At your next booking you choose the hour first.", 10, is_on_sale=True,
        ),
        StarterItem(
            "1f486", "护理延长十分钟", "Ten more minutes of care", "任意护理，延长十分钟。",
            "Any treatment, ten minutes longer.", 20, is_on_sale=True,
        ),
        StarterItem(
            "1f484", "妆容咨询一次", "A make-up consultation", "三十分钟，一对一。",
            "Thirty minutes, one to one.", 50,
        ),
        StarterItem(
            "1f9f4", "护手霜", "Hand cream", "50 毫升，旅行也带得走。",
            "50 ml, small enough to travel.", 40, kind="goods", limit=2,
        ),
        StarterItem(
            "1f56f", "香薰蜡烛", "Scented candle", "大豆蜡，约燃三十小时。",
            "Soy wax, burns for about thirty hours.", 60, kind="goods", limit=2,
        ),
        StarterItem(
            "1f48e", "基础护理一次", "A basic treatment", "六十分钟，请提前预约。",
            "Sixty minutes, by appointment.", 200, limit=1,
        ),
    ),
    ladder=(
        StarterTier("member", "会员", "Member", 0, "#8a94a6"),
        StarterTier("silver", "银卡会员", "Silver", 3_000, "#7b8794", "1.1"),
        StarterTier("gold", "金卡会员", "Gold", 10_000, "#b7862b", "1.2"),
        StarterTier("black", "黑卡会员", "Black", 30_000, "#2f3440", "1.4"),
    ),
    tasks=(
        welcome("5"),
        profile("2"),
        review(
            "2", "评价这次护理", "Review a treatment", "说说做完之后的感觉，每月 3 次。",
            "Tell others how it felt, up to three times a month.",
        ),
    ),
)  # fmt: skip
