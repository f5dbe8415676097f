"""Many presses of the same button at the same moment, on real connections."""

import re
from datetime import UTC, datetime

from django.core import mail

from kernel.api.problems import RateLimited
from points.flows.member_joined import join_member
from points.flows.member_signed_in import SignedIn, sign_in_member
from points.ledger.queries import get_balance
from points.members import sign_in
from points.members.errors import CodeExpired, CodeWrong
from points.members.models import Member, MemberSession
from points.redemption.actions import create_item
from tests.storefront.browser import Browser
from tests.support.races import together

ADDRESS = "mei@example.com"
CALLERS = 8


def now() -> datetime:
    return datetime.now(UTC)


def request_code() -> str:
    sign_in.request_code(address=ADDRESS, place="test", at=now())
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found is not None
    return found.group()


def enter(code: str) -> SignedIn:
    return sign_in_member(address=ADDRESS, code=code, place="test", at=now(), joined_at=now())


def test_one_message_however_many_ask_at_once(fresh_shop):
    results = together(CALLERS, lambda _: request_code(), merchant=fresh_shop)

    assert len([r for r in results if isinstance(r, str)]) == 1
    assert len([r for r in results if isinstance(r, RateLimited)]) == CALLERS - 1
    assert len(mail.outbox) == 1


def test_a_code_opens_one_session_and_makes_one_member(fresh_shop):
    code = request_code()

    results = together(CALLERS, lambda _: enter(code), merchant=fresh_shop)

    assert len([r for r in results if isinstance(r, SignedIn)]) == 1
    assert len([r for r in results if isinstance(r, CodeExpired)]) == CALLERS - 1
    assert Member.objects.count() == MemberSession.objects.count() == 1


def test_parallel_guesses_are_all_counted(fresh_shop):
    code = request_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    results = together(CALLERS, lambda _: enter(wrong), merchant=fresh_shop)

    left = sorted(r.facts["attempts_left"] for r in results if isinstance(r, CodeWrong))
    assert left == [0, 1, 2, 3, 4]
    assert len([r for r in results if isinstance(r, CodeExpired)]) == CALLERS - 5


def test_the_same_press_sent_many_times_redeems_once(fresh_shop, give_in):
    mei = join_member(external_id="mei", at=now())
    give_in(mei, 100)
    item = create_item(
        fields={"kind": "goods", "title_en": "Tea", "price_points": 100, "stock": 5}, at=now()
    )
    browsers = [Browser(fresh_shop).enter(mei) for _ in range(CALLERS)]
    for browser in browsers:
        assert browser.csrf
    body = {"mall_item_id": str(item.pk), "quantity": 1}

    answers = together(
        CALLERS,
        lambda i: browsers[i].post("/redemptions", body, idem="press"),
        merchant=fresh_shop,
    )

    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert get_balance(member=mei.pk, at=now()).available == 0
    item.refresh_from_db()
    assert item.stock == 4
