"""Conditions in plain words, both languages."""

import pytest
from hypothesis import given

from points.conditions import describe, parse
from tests.conditions.sample import SCHEMA, trees

AMOUNT, TAGS = {"var": "order.amount_cents"}, {"var": "member.tags"}
JOINED = {"var": "member.joined_at"}


def told(tree, language, currency="CNY"):
    return describe(parse(tree=tree, schema=SCHEMA), currency=currency, language=language)


@pytest.mark.parametrize(
    ("tree", "en", "zh"),
    [
        (True, "Always", "始终成立"),
        ({">=": [AMOUNT, 10_000]}, "Order amount is at least ¥100.00",
         "Order amount不低于 ¥100.00"),
        ({"<=": [100, AMOUNT, 250]}, "Order amount is from ¥1.00 to ¥2.50",
         "Order amount在 ¥1.00 到 ¥2.50 之间"),
        ({"in": ["vip", TAGS]}, "Tags include “vip”", "Tags包含“vip”"),
        ({"!": [{"in": ["vip", TAGS]}]}, "Tags do not include “vip”", "Tags不包含“vip”"),
        ({"==": [{"var": "member.level"}, "gold"]}, "Level is “Gold”", "Level为“Gold”"),
        ({"==": [{"var": "member.has_phone"}, False]}, "Has a phone number: no",
         "Has a phone number：否"),
        ({"<=": [{"days_ago": [JOINED]}, 30]}, "Joined was at most 30 days ago",
         "Joined距今不超过 30 天"),
        ({">": [{"days_ago": [JOINED]}, 1]}, "Joined was more than 1 day ago",
         "Joined距今超过 1 天"),
        ({"<": [JOINED, "2026-03-01"]}, "Joined is before 2026-03-01", "Joined早于 2026-03-01"),
        ({"==": [{"var": "event.properties.颜色"}, "红"]}, "颜色 is “红”", "颜色为“红”"),
        (
            {"and": [{">": [AMOUNT, 1]}, {"or": [{"in": ["a", TAGS]}, {"in": ["b", TAGS]}]}]},
            "Order amount is above ¥0.01 and (Tags include “a” or Tags include “b”)",
            "Order amount高于 ¥0.01，且（Tags包含“a”，或Tags包含“b”）",
        ),
    ],
)  # fmt: skip
def test_a_condition_reads_as_a_sentence(tree, en, zh):
    assert told(tree, "en") == en
    assert told(tree, "zh-hans") == zh


def test_labels_of_our_own_begin_small_within_a_sentence():
    from points.segments.facts import schema

    count = {">": [{"var": "member.orders_count"}, 1]}
    champion = {"==": [{"var": "member.rfm_class"}, "champion"]}
    condition = parse(tree={"and": [count, champion, {"!": [count]}]}, schema=schema())
    assert describe(condition, currency="CNY", language="en") == (
        "Number of orders is above 1 and RFM class is “Champions”"
        " and not (number of orders is above 1)"
    )


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("USD", "$12.34"), ("JPY", "¥1,234"), ("KWD", "KWD\N{NO-BREAK SPACE}1.234")],
)
def test_money_has_the_digits_of_its_currency(currency, amount):
    assert told({"==": [AMOUNT, 1234]}, "en", currency) == f"Order amount is {amount}"


def test_one_comparison_is_described_by_its_path():
    condition = parse(tree={"or": [{"in": ["a", TAGS]}, {"<": [5, AMOUNT]}]}, schema=SCHEMA)
    told = describe(condition, currency="CNY", language="en", path="or.1.>")
    assert told == "Order amount is above ¥0.05"


@given(tree=trees)
def test_every_condition_has_words_in_both_languages(tree):
    english, chinese = told(tree, "en"), told(tree, "zh-hans")
    assert english and chinese and english != chinese
    assert "%(" not in english + chinese
