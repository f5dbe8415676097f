"""Education: large fees paid a few times a year; points end with the school year, on 31 August."""

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

EDUCATION = IndustryTemplate(
    points_per_step=15,
    units_per_step=10,
    expiry=Expiry(policy="fixed_date", date="08-31"),
    max_offset_rate=Decimal("0.1"),
    offset_step_points=100,
    items=(
        StarterItem(
            "1f9e9", "一对一答疑", "One-to-one help", "二十分钟，带着你的问题来。",
            "Twenty minutes; bring your questions.", 30, is_on_sale=True,
        ),
        StarterItem(
            "231a", "优先选时段", "First choice of the timetable", "下期报名，上课时段由你先选。",
            "When you enrol next, you choose your hours first.", 20, is_on_sale=True,
        ),
        StarterItem(
            "1f3ab", "好友体验课", "A trial lesson for a friend", "请一位朋友来听一节课。",
            "Bring a friend to one lesson.", 100, limit=2,
        ),
        StarterItem(
            "1f4d3", "笔记本", "Notebook", "A5 横线，八十页。", "A5, ruled, eighty pages.",
            15, kind="goods", limit=3,
        ),
        StarterItem(
            "1f58a", "签字笔套装", "Set of pens", "五支装，书写顺滑。",
            "Five pens that write smoothly.", 20, kind="goods", limit=3,
        ),
        StarterItem(
            "1f4da", "学习资料一册", "A study book", "配套练习，任选一册。",
            "Exercises for your course, one book of your choice.", 40, kind="goods", limit=1,
        ),
    ),
    ladder=(
        StarterTier("student", "学员", "Student", 0, "#8a94a6"),
        StarterTier("advanced", "进阶学员", "Advanced", 5_000, "#4a7ba6", "1.1"),
        StarterTier("honours", "荣誉学员", "Honours", 20_000, "#b7862b", "1.2"),
    ),
    tasks=(
        welcome("5"),
        profile("2"),
        review(
            "2", "评价一节课", "Review a lesson", "说说你学到了什么，每月 3 次。",
            "Tell others what you learnt, up to three times a month.",
        ),
    ),
)  # fmt: skip
