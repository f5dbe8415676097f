"""Retail and online shops: thin margins, so one per cent comes back."""

from decimal import Decimal

from points.flows.industries.shape import (
    IndustryTemplate,
    StarterItem,
    StarterTier,
    profile,
    review,
    welcome,
)

RETAIL = IndustryTemplate(
    max_offset_rate=Decimal("0.3"),
    offset_step_points=100,
    items=(
        StarterItem(
            "1f381", "礼品包装", "Gift wrapping", "下次购物时出示兑换码，为你包装一件礼物。",
            "Show the code with your next purchase and we wrap one gift.", 10, is_on_sale=True,
        ),
        StarterItem(
            "1f3f7", "为你预留三天", "Kept for you for three days", "看中却还没想好？任选一件，为你预留三天。",
            "Not sure yet? Choose an item and we keep it for you for three days.", 5,
            is_on_sale=True,
        ),
        StarterItem(
            "1f69a", "免运费一次", "Free delivery once", "下一单免运费。",
            "Your next parcel travels free.", 10,
        ),
        StarterItem(
            "1f6cd", "帆布购物袋", "Canvas shopping bag", "厚帆布，可手提可肩背。",
            "Thick canvas, for hand or shoulder.", 30, kind="goods", limit=2,
        ),
        StarterItem(
            "2615", "马克杯", "Mug", "陶瓷，350 毫升。", "Ceramic, 350 ml.",
            40, kind="goods", limit=2,
        ),
        StarterItem(
            "2602", "晴雨伞", "Umbrella", "晴雨两用，轻便好收。",
            "For sun and rain, folds small.", 60, kind="goods", limit=1,
        ),
    ),
    ladder=(
        StarterTier("member", "会员", "Member", 0, "#8a94a6"),
        StarterTier("silver", "银卡会员", "Silver", 1_000, "#7b8794", "1.1"),
        StarterTier("gold", "金卡会员", "Gold", 5_000, "#b7862b", "1.25"),
        StarterTier("diamond", "钻石会员", "Diamond", 20_000, "#3f6fb5", "1.5"),
    ),
    tasks=(
        welcome("1"),
        profile("0.5"),
        review(
            "0.5", "评价买到的商品", "Review what you bought", "说说用起来怎么样，每月 3 次。",
            "Tell others what it is like to use, up to three times a month.",
        ),
    ),
)  # fmt: skip
