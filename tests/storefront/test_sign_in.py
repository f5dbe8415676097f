"""Signing in with a code: what works, what is refused, and that a refusal moves nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpResponse
from django.test import RequestFactory

from points.interfaces.storefront.base import start_session
from points.ledger.models import Wallet
from points.members import sign_in
from points.members.models import Member, MemberSession, SignInCode

ADDRESS = "mei@example.com"


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_first_sign_in_creates_the_member_with_an_empty_wallet(visitor, ask_for_code, today):
    code = ask_for_code("  Mei@Example.com ")

    answer = visitor.post("/sessions", {"address": ADDRESS, "code": code, "name": "Mei"})

    assert answer.status == 201
    member = Member.objects.get(email=ADDRESS)
    assert answer.json["id"] == str(member.pk)
    assert answer.json["external_id"] == member.external_id
    assert member.external_id.startswith("m-") and len(member.external_id) == 10
    assert (member.name, member.locale, member.joined_at) == ("Mei", "en", today)
    assert Wallet.objects.get(member_id=member.pk).available == 0
    assert answer.json["email"] == "m***@example.com"
    assert visitor.get("/me").json["id"] == str(member.pk)


def test_a_second_sign_in_finds_the_same_member(visitor, mei, ask_for_code):
    Member.objects.filter(pk=mei.pk).update(email=ADDRESS)
    code = ask_for_code(ADDRESS)

    answer = visitor.post("/sessions", {"address": ADDRESS, "code": code, "name": "Somebody"})

    assert answer.json["external_id"] == "mei"
    assert answer.json["name"] == "Mei"
    assert Member.objects.count() == 1


def test_the_cookie_is_closed_to_scripts_and_kept_only_as_a_hash(visitor, ask_for_code):
    visitor.post("/sessions", {"address": ADDRESS, "code": ask_for_code(ADDRESS)})

    cookie = visitor.client.cookies[settings.MEMBER_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert cookie["max-age"] == 90 * 24 * 3600
    assert not cookie["domain"] and not cookie["secure"]
    assert len(cookie.value) == 43
    stored = bytes(MemberSession.objects.get().token_hash)
    assert cookie.value.encode() not in stored and len(stored) == 32


def test_the_cookie_is_secure_where_the_page_is():
    request, response = RequestFactory().get("/", secure=True), HttpResponse()

    start_session(request, response, "token")

    assert response.cookies[settings.MEMBER_COOKIE_NAME]["secure"]


def test_the_csrf_token_changes_at_sign_in(visitor, ask_for_code):
    before = visitor.csrf
    visitor.post("/sessions", {"address": ADDRESS, "code": ask_for_code(ADDRESS)})

    assert visitor.csrf != before
    assert visitor.patch("/me", {"name": "Mei"}).status == 200


def test_five_wrong_codes_close_the_right_one(visitor, ask_for_code):
    code = ask_for_code(ADDRESS)

    for left in (4, 3, 2, 1, 0):
        answer = visitor.post("/sessions", {"address": ADDRESS, "code": wrong(code)})
        assert (answer.status, answer.code) == (400, "members.code_wrong")
        assert answer.json["facts"] == {"attempts_left": left}

    answer = visitor.post("/sessions", {"address": ADDRESS, "code": code})
    assert (answer.status, answer.code) == (400, "members.code_expired")
    assert Member.objects.count() == MemberSession.objects.count() == 0


def test_a_code_lives_ten_minutes(visitor, ask_for_code, time_machine_at, today):
    code = ask_for_code(ADDRESS)
    time_machine_at.move_to(today + timedelta(minutes=10))

    answer = visitor.post("/sessions", {"address": ADDRESS, "code": code})

    assert answer.code == "members.code_expired"
    assert Member.objects.count() == 0


def test_a_code_still_works_in_its_last_second(visitor, ask_for_code, time_machine_at, today):
    code = ask_for_code(ADDRESS)
    time_machine_at.move_to(today + timedelta(minutes=9, seconds=59))

    assert visitor.post("/sessions", {"address": ADDRESS, "code": code}).status == 201


def test_a_code_works_once(visitor, ask_for_code):
    code = ask_for_code(ADDRESS)
    assert visitor.post("/sessions", {"address": ADDRESS, "code": code}).status == 201

    again = visitor.post("/sessions", {"address": ADDRESS, "code": code})

    assert again.code == "members.code_expired"
    assert MemberSession.objects.count() == 1


def test_the_next_code_has_to_wait_a_minute_and_ends_the_first(
    visitor, ask_for_code, time_machine_at, today
):
    first = ask_for_code(ADDRESS)
    time_machine_at.move_to(today + timedelta(seconds=18))
    early = visitor.post("/sign-in-codes", {"address": ADDRESS})
    assert (early.status, early.code) == (429, "api.rate_limited")
    assert early.json["facts"] == {"retry_after_seconds": 42}
    assert early.headers["Retry-After"] == "42"
    assert len(mail.outbox) == SignInCode.objects.count() == 1

    time_machine_at.move_to(today + timedelta(seconds=60))
    second = ask_for_code(ADDRESS)

    assert SignInCode.objects.count() == 1
    if first != second:
        answer = visitor.post("/sessions", {"address": ADDRESS, "code": first})
        assert answer.code == "members.code_wrong"
    assert visitor.post("/sessions", {"address": ADDRESS, "code": second}).status == 201


def test_eight_codes_an_hour_to_one_address(visitor, ask_for_code, time_machine_at, today):
    for minute in range(8):
        time_machine_at.move_to(today + timedelta(minutes=minute))
        ask_for_code(ADDRESS)
    time_machine_at.move_to(today + timedelta(minutes=8))

    ninth = visitor.post("/sign-in-codes", {"address": ADDRESS})

    assert (ninth.status, ninth.code) == (429, "api.rate_limited")
    assert len(mail.outbox) == 8
    assert visitor.post("/sign-in-codes", {"address": "tao@example.com"}).status == 202


def test_a_stranger_cannot_use_up_the_limit_of_a_member_at_home(
    visitor, ask_for_code, time_machine_at, today
):
    """Eight codes asked for from elsewhere: Mei, where she has signed in before, gets hers."""
    assert visitor.post("/sessions", {"address": ADDRESS, "code": ask_for_code(ADDRESS)}).status
    visitor.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    for minute in range(1, 9):
        time_machine_at.move_to(today + timedelta(minutes=minute))
        visitor.post("/sign-in-codes", {"address": ADDRESS})
    time_machine_at.move_to(today + timedelta(minutes=10))
    assert visitor.post("/sign-in-codes", {"address": ADDRESS}).status == 429

    visitor.client.defaults["REMOTE_ADDR"] = "127.0.0.1"

    assert visitor.post("/sign-in-codes", {"address": ADDRESS}).status == 202


def test_one_place_cannot_send_to_everybody(visitor):
    for i in range(60):
        assert visitor.post("/sign-in-codes", {"address": f"m{i}@example.com"}).status == 202

    answer = visitor.post("/sign-in-codes", {"address": "one-more@example.com"})

    assert (answer.status, answer.code) == (429, "api.rate_limited")


def test_one_place_cannot_guess_at_everybody(visitor, ask_for_code):
    code = ask_for_code(ADDRESS)
    for i in range(12):
        address = f"m{i}@example.com"
        visitor.post("/sign-in-codes", {"address": address})
        for _ in range(5):
            visitor.post("/sessions", {"address": address, "code": "x"})

    answer = visitor.post("/sessions", {"address": ADDRESS, "code": code})

    assert (answer.status, answer.code) == (429, "api.rate_limited")
    assert Member.objects.count() == 0


@pytest.mark.parametrize("address", ["", "mei", "mei@", "@x.cn", "12", "+", "a b@c.d e", "1" * 30])
def test_what_is_no_address_is_refused(visitor, address):
    answer = visitor.post("/sign-in-codes", {"address": address})

    assert answer.status == 400
    assert answer.code == ("members.address_invalid" if address else "api.invalid_body")
    assert SignInCode.objects.count() == 0


def test_the_answer_does_not_tell_whether_there_is_such_a_member(visitor, mei):
    Member.objects.filter(pk=mei.pk).update(email=ADDRESS)

    known = visitor.post("/sign-in-codes", {"address": ADDRESS})
    unknown = visitor.post("/sign-in-codes", {"address": "nobody@example.com"})

    assert known.status == unknown.status == 202
    assert known.json == unknown.json == {"expires_in_seconds": 600, "resend_in_seconds": 60}


def test_the_code_is_stored_as_a_keyed_hash_only(visitor, ask_for_code):
    code = ask_for_code(ADDRESS)

    stored = bytes(SignInCode.objects.get().code_hash)

    assert len(stored) == 32 and code.encode() not in stored


def test_signing_out_ends_the_session_for_whoever_copied_the_cookie(shop, mei_browser):
    copied = mei_browser.session
    assert mei_browser.call("DELETE", "/sessions").status == 204
    assert mei_browser.session == ""

    mei_browser.client.cookies[settings.MEMBER_COOKIE_NAME] = copied

    answer = mei_browser.get("/me")
    assert (answer.status, answer.code) == (401, "api.not_signed_in")
    assert MemberSession.objects.count() == 0


def test_signing_out_twice_is_no_mistake(visitor):
    assert visitor.call("DELETE", "/sessions").status == 204


def test_a_session_lives_ninety_days(shop, mei, mei_browser, time_machine_at, today):
    token = mei_browser.session
    last = today + timedelta(days=90)

    assert sign_in.find_session(token=token, at=last - timedelta(seconds=1)) == mei
    assert sign_in.find_session(token=token, at=last) is None


def test_sessions_that_ran_out_go_at_the_next_sign_in(shop, mei, today):
    """Several at once, of this member alone."""
    long_ago = today - timedelta(days=100)
    tokens = [sign_in.open_session(member=mei, at=long_ago) for _ in range(3)]

    token = sign_in.open_session(member=mei, at=today)

    assert MemberSession.objects.count() == 1
    assert sign_in.find_session(token=token, at=today) == mei
    assert {sign_in.find_session(token=old, at=today) for old in tokens} == {None}


def test_the_demo_sign_in_takes_the_member_with_the_most_orders(visitor, mei, settings):
    lively = Member.objects.create(
        external_id="lively", joined_at=mei.joined_at, orders_count=7, code="11112222"
    )

    answer = visitor.post("/demo-sessions", {})

    assert (answer.status, answer.json["id"]) == (201, str(lively.pk))
    assert visitor.get("/me").json["external_id"] == "lively"
    settings.DEMO_SIGN_IN = False
    refused = visitor.post("/demo-sessions", {})
    assert (refused.status, refused.code) == (404, "api.not_found")


def test_an_empty_shop_has_no_demo_sign_in(visitor):
    assert visitor.post("/demo-sessions", {}).status == 404
