"""What a new shop starts with: sane economics in every currency, and no promise it cannot keep."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from kernel.clock import Calendar
from kernel.money import exponent
from points.earning.actions import claim_award
from points.earning.calculations import order_points
from points.earning.queries import list_rules
from points.earning.task_centre import list_tasks
from points.flows.incoming_order import IncomingLine
from points.flows.industries import TEMPLATES
from points.flows.industries.prices import _TEN_YUAN
from points.flows.member_joined import join_member
from points.flows.shop_opened import fill_schema
from points.interfaces.wording import reason
from points.ledger.models import FundingSource, Transaction
from points.ledger.queries import get_balance
from points.program.calculations import ProgramSettings, expires_at
from points.program.models import Program
from points.program.queries import get_program
from points.redemption.models import MallItem
from points.redemption.queries import list_offers
from portal import choices
from portal.api.bodies import SignupBody
from tenants.models import Merchant

INDUSTRIES = ["retail", "food", "beauty", "education"]
ITEMS = [(name, item) for name in INDUSTRIES for item in TEMPLATES[name].items]
EVERY_ITEM = pytest.mark.parametrize(
    ("name", "item"), ITEMS, ids=[f"{name}: {item.title_en}" for name, item in ITEMS]
)


@pytest.fixture
def empty(shop):
    """The tea shop's schema as provisioning finds it."""
    for model in (MallItem, Program, FundingSource):
        model.objects.all().delete()
    return shop


def fill(template, at, currency="CNY", locale="zh-hans"):
    fill_schema(template=template, currency=currency, locale=locale, at=at)


def points_of(template, cents, currency="CNY"):
    rule = TEMPLATES[template].settings(currency).earning
    return order_points(
        rule, [IncomingLine(external_id="1", quantity=1, amount_cents=cents)]
    ).points


def test_blank_is_the_default_programme_and_nothing_else(empty, noon):
    fill("blank", noon)
    assert get_program().settings == ProgramSettings()
    assert not MallItem.objects.exists()
    assert FundingSource.objects.get().code == "merchant"


@pytest.mark.parametrize(
    ("currency", "worth", "step_cents"),
    [("CNY", 100, 100), ("USD", 100, 100), ("JPY", 1, 100), ("ISK", 1, 100), ("KWD", 100, 1000)],
)
def test_blank_gives_one_per_cent_in_any_currency(currency, worth, step_cents):
    settings = TEMPLATES["blank"].settings(currency)
    assert settings.face_value_points_per_unit == settings.offset.points_per_unit == worth
    assert (settings.earning.step_cents, settings.earning.points_per_step) == (step_cents, 1)


@pytest.mark.parametrize(
    ("template", "of_100", "of_8", "most_paid", "lives_until"),
    [
        ("blank", 100, 8, "0.5", date(2027, 3, 1)),
        ("retail", 100, 8, "0.3", date(2027, 3, 1)),
        ("food", 300, 24, "0.5", date(2026, 9, 1)),
        ("beauty", 200, 16, "0.2", date(2028, 3, 1)),
        ("education", 150, 0, "0.1", date(2027, 8, 31)),
    ],
)
def test_what_an_order_earns(template, of_100, of_8, most_paid, lives_until):
    settings = TEMPLATES[template].settings("CNY")
    assert (points_of(template, 10_000), points_of(template, 800)) == (of_100, of_8)
    assert settings.offset.max_rate == Decimal(most_paid)
    shanghai = Calendar("Asia/Shanghai", 0)
    ends = expires_at(settings.expiry, datetime(2026, 3, 1, 4, tzinfo=UTC), shanghai)
    assert shanghai.day_of(ends) > lives_until >= shanghai.day_of(ends.replace(hour=0))


@pytest.mark.parametrize("template", TEMPLATES)
def test_between_one_and_five_per_cent_come_back_in_every_currency(template):
    for currency in choices.CURRENCIES:
        settings = TEMPLATES[template].settings(currency)
        sale = settings.earning.step_cents * 1_000
        worth = Decimal(points_of(template, sale, currency)) / settings.offset.points_per_unit
        rate = worth * 10 ** exponent(currency) / sale
        assert rate == TEMPLATES[template].give_back_rate(), currency
        assert Decimal("0.01") <= rate <= Decimal("0.05"), currency


@pytest.mark.parametrize("template", INDUSTRIES)
def test_a_new_shop_has_items_and_promises_none_it_must_buy_first(
    empty, noon, template, django_assert_num_queries
):
    # The programme and the payer, four each (look, savepoint, insert, release), all items and all
    # tiers in one each, and the tasks: savepoint, rules, versions, revision, release.
    with django_assert_num_queries(15):
        fill(template, noon)

    items = list(MallItem.objects.order_by("position"))
    assert 4 <= len(items) <= 6
    assert [item.position for item in items] == list(range(len(items)))
    offers = [offer.item for offer in list_offers(at=noon, limit=20)]
    assert offers == items[:2]
    assert {(item.kind, item.stock) for item in offers} == {("benefit", None)}
    assert {(item.kind, item.stock, item.status) for item in items[2:]} <= {
        ("goods", 0, "draft"), ("benefit", None, "draft"),
    }  # fmt: skip


def test_the_mall_of_a_new_cafe(empty, noon):
    fill("food", noon)
    assert list(
        MallItem.objects.order_by("position").values_list(
            "title_zh", "title_en", "kind", "status", "price_points", "stock", "per_member_limit"
        )
    ) == [
        ("免费升级一号", "One size larger", "benefit", "on_sale", 500, None, None),
        ("加一份配料", "An extra topping", "benefit", "on_sale", 500, None, None),
        ("招牌饮品一杯", "A signature drink", "benefit", "draft", 2_000, None, None),
        ("今日甜点一份", "Dessert of the day", "benefit", "draft", 2_500, None, None),
        ("手工曲奇一盒", "A box of cookies", "goods", "draft", 4_000, 0, 2),
        ("生日蛋糕", "Birthday cake", "benefit", "draft", 15_000, None, 1),
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_filling_again_changes_nothing(empty, noon, template):
    """Also what the merchant changed or took out stays as it is."""
    fill(template, noon)
    MallItem.objects.filter(position=0).update(price_points=1)
    MallItem.objects.filter(position=1).delete()
    before = list(MallItem.objects.order_by("pk").values()), Program.objects.values().get()

    fill(template, datetime(2027, 1, 1, tzinfo=UTC), locale="en")

    assert before == (
        list(MallItem.objects.order_by("pk").values()),
        Program.objects.values().get(),
    )
    assert FundingSource.objects.count() == 1


def test_an_unknown_template_fails_and_leaves_nothing(empty, noon):
    with pytest.raises(KeyError):
        fill("casino", noon)
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("currency", "price"),
    [
        ("CNY", 2_000),  # ¥20
        ("USD", 400),  # $4
        ("XXX", 400),
        ("JPY", 400),  # ¥400, where a point is worth a yen
        ("KRW", 4_000),
        ("KWD", 100),  # 1 dinar
        ("TWD", 10_000),
        ("VND", 40_000),
    ],
)
def test_a_drink_costs_what_drinks_cost_there(currency, price):
    drink = TEMPLATES["food"].mall_items(currency)[2]
    assert (drink["title_en"], drink["price_points"]) == ("A signature drink", price)


def test_a_price_is_what_the_item_is_worth_in_every_currency():
    """Whole points without rounding, so that points buy for their face value."""
    for currency in choices.CURRENCIES:
        ten_yuan = next((a for a, codes in _TEN_YUAN.items() if currency in codes.split()), "2")
        for template in TEMPLATES.values():
            per_unit = template.settings(currency).face_value_points_per_unit
            for item, fields in zip(template.items, template.mall_items(currency), strict=True):
                worth = item.worth_yuan * Decimal(ten_yuan) / 10
                assert fields["price_points"] == worth * per_unit, (currency, item.title_en)


def test_each_currency_has_one_price_level():
    codes = " ".join(_TEN_YUAN.values()).split()
    assert len(codes) == len(set(codes))
    assert set(codes) <= choices.CURRENCIES


@EVERY_ITEM
def test_an_item_is_complete(name, item, repository):
    assert item.title_zh and item.description_zh and item.title_en and item.description_en
    assert re.search(r"[一-鿿]", item.title_zh) and item.title_en.isascii()
    assert len(item.title_zh) <= 10 and len(item.title_en) <= 30
    assert item.description_zh.endswith("。") and item.description_en.endswith(".")
    assert item.kind in ("goods", "benefit")
    assert (repository / f"frontend/pictures/emoji/{item.image}.webp").exists()
    pictures = (repository / "frontend/apps/console/src/lib/pictures.ts").read_text()
    assert f"'{item.image}'" in pictures


def test_the_sign_up_offers_what_there_is():
    body = SignupBody.__annotations__["template"]
    assert set(get_args(body)) == set(choices.TEMPLATES) == set(TEMPLATES)


@pytest.mark.parametrize(
    ("option", "refusal"),
    [
        ("--template=casino", "invalid choice: 'casino'"),
        ("--brand-color=red", "must be like #1f6feb, not 'red'"),
        ("--brand-color=#fff", "must be like #1f6feb"),
        ("--brand-color=1f6feb", "must be like #1f6feb"),
        ("--brand-color=#1f6feb\n", "must be like #1f6feb"),
        ("--brand-color=#1f6feg", "must be like #1f6feb"),
        ("--timezone=Mars", "no IANA time zone"),
    ],
)
def test_the_command_refuses_what_is_none(db, option, refusal):
    with pytest.raises(CommandError, match=refusal):
        call_command("create_merchant", "oolong", "--owner-email=o@oolong.example", option)
    assert not Merchant.objects.filter(slug="oolong").exists()


def test_the_command_called_from_code_refuses_too(db):
    with pytest.raises(CommandError, match="--template must be one of blank, retail"):
        call_command("create_merchant", "oolong", owner_email="o@oolong.example", template="x")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_sign_up_says_what_a_template_brings(template, language):
    chosen = TEMPLATES[template]
    with translation.override(language):
        text = str(choices.TEMPLATE_CONTENTS[template])
    assert f" {(chosen.give_back_rate() * 100).normalize()}%" in f" {text}"
    months = chosen.expiry.months or 12
    if chosen.expiry.policy == "rolling" and chosen.items:
        assert f"{months} months" in text or f"{months} 个月" in text
    assert not chosen.items or f" {len(chosen.items)} " in text


@pytest.mark.parametrize(
    ("template", "currency", "points"),
    [
        ("retail", "CNY", (100, 50, 50)), ("food", "CNY", (200, 100, 100)),
        ("beauty", "CNY", (500, 200, 200)), ("education", "CNY", (500, 200, 200)),
        ("retail", "USD", (20, 10, 10)), ("retail", "JPY", (20, 10, 10)),
    ],
)  # fmt: skip
def test_the_first_tasks_of_a_shop(empty, noon, template, currency, points):
    fill(template, noon, currency=currency)
    rules = {rule.code: rule.versions.get().document for rule in list_rules()}
    assert set(rules) == {"welcome", "profile", "review"}
    told = [rules[code]["reward"]["points"] for code in ("welcome", "profile", "review")]
    assert tuple(told) == points
    assert {rule["task"]["claim"] for rule in rules.values()} == {"member"}


def test_a_new_member_finds_the_welcome_gift_and_those_who_came_before_do_not(empty, noon):
    fill("food", noon, locale="en")
    at = noon + timedelta(days=2)
    bea = join_member(external_id="bea", at=at, joined_at=noon - timedelta(days=1))
    ann = join_member(external_id="ann", at=at)
    assert [one.code for one in list_tasks(member_id=bea.pk, at=at)] == ["profile", "review"]
    first = list_tasks(member_id=ann.pk, at=at)[0]
    assert (first.code, first.status) == ("welcome", "claimable")
    assert get_balance(member=ann.pk, at=at).available == 0
    claim_award(award_id=first.waiting[0].award_id, member_id=ann.pk, at=at, actor="t")
    assert get_balance(member=ann.pk, at=at).available == 200
    row = Transaction.objects.get(wallet__member_id=ann.pk, kind="earn")
    assert reason(row) == "Welcome gift"


def test_blank_has_no_tasks(empty, noon):
    fill("blank", noon)
    assert list_rules() == []
