"""The pages: both languages, without JavaScript, and nothing that the browser must refuse."""

import re
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from portal import actions, calculations
from portal.choices import CURRENCIES
from portal.models import Signup
from tenants.models import Merchant
from tests.portal.conftest import DETAILS, code_in
from users.models import User

PAGES = ["/", "/sign-up", "/sign-in", "/nothing-here"]


@pytest.fixture
def visitor(db) -> Client:
    return Client(headers={"Host": "localhost", "Accept-Language": "en"})


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("language", "lang", "word"), [("en", "en", "Sign"), ("zh-hans", "zh-Hans", "登录")]
)
def test_each_page_speaks_both_languages(visitor, path, language, lang, word):
    page = visitor.get(path, headers={"Accept-Language": language})
    assert page.status_code == (404 if path == "/nothing-here" else 200)
    assert f'<html lang="{lang}">' in text_of(page)
    assert page["Content-Language"] == language
    if path != "/nothing-here":
        assert word in text_of(page)


@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_on_a_chinese_page(visitor, path):
    html = text_of(visitor.get(path, headers={"Accept-Language": "zh-CN"}))
    words = re.sub(r"<(script|style|option).*?</\1>|<[^>]+>", " ", html, flags=re.S)
    latin = set(re.findall(r"[A-Za-z]{3,}", words))
    assert latin <= {"English", "API", "App", "CRM", "localhost", "http", "Asia", "Shanghai", "CNY"}


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_holds_without_exceptions(visitor, path):
    page = visitor.get(path)
    policy = page["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    html = text_of(page)
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", html)
    for tag in re.findall(r"<script[^>]*>", html):
        assert "nonce=" in tag


def test_the_cookie_beats_the_browser_and_is_set_by_the_switch(visitor):
    answer = visitor.post("/language", {"language": "zh-hans", "next": "/sign-up?slug=tea"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-up?slug=tea")
    assert answer.cookies["jf_lang"].value == "zh-hans"
    assert '<html lang="zh-Hans">' in text_of(visitor.get("/"))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "", "\\\\evil"])
def test_the_switch_leads_nowhere_else(visitor, target):
    assert visitor.post("/language", {"language": "en", "next": target})["Location"] == "/"


def test_from_the_card_to_the_ready_shop_without_scripts(visitor):
    card = visitor.get("/sign-up")
    assert 'value="America/New_York"' in text_of(card)
    started = visitor.post("/sign-up", {**DETAILS, "slug": " OOLONG "})
    assert started.status_code == 302
    place = started["Location"]
    waiting = text_of(visitor.get(place))
    assert "owner@oolong.example" in waiting
    assert "owner@oolong.example" not in text_of(Client(headers={"Host": "localhost"}).get(place))

    signup = Signup.objects.get()
    actions.send_code(signup_id=signup.pk, at=signup.code_due_at)
    assert "This code is wrong" in text_of(visitor.post(place, {"code": "12345"}))
    confirmed = visitor.post(place, {"code": code_in(mail.outbox[-1])})
    assert (confirmed.status_code, confirmed["Location"]) == (302, place)
    progress = text_of(visitor.get(place))
    assert '<meta http-equiv="refresh" content="2">' in progress
    assert '<progress id="meter" max="100" value="0"' in progress

    Merchant.objects.filter(slug="oolong").update(status="ready", step="ready")
    ready = text_of(visitor.get(place))
    assert "Oolong House is open" in ready
    assert "http://oolong.localhost" in ready


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "www"}, "The address www is reserved."),
        ({"password": "short"}, "This password is too short."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"company": ""}, "This field is required."),
        ({"company": "a\x00b"}, "Null characters are not allowed."),
        ({"timezone": "Asia/Atlantis"}, "Select a valid choice."),
    ],
)
def test_the_card_comes_back_with_what_was_typed(visitor, changes, words):
    page = visitor.post("/sign-up", {**DETAILS, **changes})
    assert words in text_of(page)
    assert 'aria-invalid="true"' in text_of(page)
    assert DETAILS["password"] not in text_of(page)


def test_an_owner_with_an_account_is_asked_for_the_password(visitor):
    owner = User.objects.create_user("owner@oolong.example", "the password of the account")
    place = visitor.post("/sign-up", DETAILS)["Location"]
    signup = Signup.objects.get()
    actions.send_code(signup_id=signup.pk, at=signup.code_due_at)
    code = code_in(mail.outbox[-1])
    asked = text_of(visitor.post(place, {"code": code}))
    assert "has an account already" in asked
    assert 'type="password"' in asked
    visitor.post(place, {"code": code, "password": "the password of the account"})
    assert Merchant.objects.get(slug="oolong").owner_user == owner


def test_another_code_can_be_asked_for_by_a_plain_form(visitor):
    place = visitor.post("/sign-up", DETAILS)["Location"]
    signup = Signup.objects.get()
    again = visitor.post(f"{place}/codes")
    assert again["Location"] == f"{place}?sent=1"
    actions.send_code(signup_id=signup.pk, at=signup.code_due_at)
    assert "Too many tries" in text_of(visitor.post(f"{place}/codes"))


def test_a_shop_that_could_not_be_made_says_so_only_when_nobody_tries_any_more(visitor):
    place = visitor.post("/sign-up", DETAILS)["Location"]
    signup = Signup.objects.get()
    signup.verified_at, signup.password_hash = signup.created_at, ""
    signup.save()
    merchant = Merchant.objects.filter(slug="oolong")
    merchant.update(status=Merchant.Status.FAILED, step=Merchant.Step.SCHEMA, attempts=4)
    page = text_of(visitor.get(place))
    assert "Oolong House is being made" in page
    assert 'value="20"' in page
    merchant.update(attempts=5)
    assert "Your shop could not be finished" in text_of(visitor.get(place))


def test_staff_find_their_shops(visitor, tea):
    owner = User.objects.create_user("owner@tea.example", "the password of the account")
    tea.memberships.create(user=owner, role="owner")
    assert visitor.get("/shops")["Location"] == "/sign-in"
    wrong = visitor.post("/sign-in", {"email": owner.email, "password": "wrong"})
    assert "is wrong" in text_of(wrong)
    right = {"email": owner.email, "password": "the password of the account"}
    assert visitor.post("/sign-in", right)["Location"] == "/shops"
    page = text_of(visitor.get("/shops"))
    assert "Tea Shop" in page
    assert "http://tea.localhost" in page
    assert visitor.get("/sign-in")["Location"] == "/shops"
    visitor.post("/sign-out")
    assert visitor.get("/shops")["Location"] == "/sign-in"


def test_the_calculator_begins_with_the_products_own_formula(visitor):
    cost = calculations.programme_cost(
        members=1000,
        spend_per_member=Decimal(200),
        points_per_unit=Decimal(1),
        face_value=Decimal("0.004"),
        redemption_rate=Decimal("0.3"),
    )
    assert (cost.cost_per_point, cost.points, cost.cost) == (Decimal("0.0012"), 200_000, 240)
    assert "$0.003" in text_of(visitor.get("/"))
    assert "¥0.003" in text_of(visitor.get("/", headers={"Accept-Language": "zh"}))


@pytest.mark.parametrize("host", ["nowhere.localhost", "evil.example"])
@pytest.mark.parametrize("path", ["/", "/sign-up"])
def test_an_unknown_host_names_no_one(db, host, path):
    page = Client().get(path, headers={"Host": host})
    assert page.status_code == 404
    assert "Jifen" not in text_of(page)


def test_a_shop_being_made_and_a_closed_one_say_so(db, tea):
    from tenants import hosts

    for status, code in ((Merchant.Status.PROVISIONING, 503), (Merchant.Status.SUSPENDED, 403)):
        Merchant.objects.filter(pk=tea.pk).update(status=status)
        hosts.forget()
        page = Client().get("/", headers={"Host": "tea.localhost"})
        assert page.status_code == code
        assert "Tea Shop" not in text_of(page)


def test_every_offered_currency_has_the_minor_units_iso_gives_it():
    """Zero or three digits where ISO 4217 says so."""
    from kernel.money import exponent

    none = {"CLP", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "BIF", "DJF", "GNF", "ISK"}
    none |= {"KMF", "RWF", "VUV", "XPF"}
    three = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    for currency in CURRENCIES:
        assert exponent(currency) == (0 if currency in none else 3 if currency in three else 2)


def test_pages_leave_the_language_of_the_process_alone(visitor):
    visitor.get("/", headers={"Accept-Language": "zh"})
    assert translation.get_language() == "en"


def test_a_form_without_its_token_is_refused_in_words(db, settings):
    settings.CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
    strict = Client(headers={"Host": "localhost"}, enforce_csrf_checks=True)
    page = strict.post("/sign-up", DETAILS, headers={"Accept-Language": "en"})
    assert page.status_code == 403
    assert "This page was open for too long" in text_of(page)
    assert not Signup.objects.exists()
