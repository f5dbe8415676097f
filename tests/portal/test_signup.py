"""From an address to an owner: codes, second thoughts, and other people's e-mail addresses."""

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from kernel.api.problems import InvalidBody, RateLimited
from portal import actions, tasks
from portal.errors import (
    AlreadyVerified,
    CodeExpired,
    CodeUsedUp,
    CodeWrong,
    PasswordNeeded,
    SignupExpired,
    TooManyCodes,
)
from portal.models import Signup
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken
from tenants.models import Merchant
from tests.portal.conftest import AT, DETAILS, code_in, start, verify, wrong
from users import actions as users
from users.errors import PasswordRefused, WrongCredentials
from users.models import User

PASSWORD = DETAILS["password"]


def register(email: str = "owner@oolong.example", password: str = PASSWORD) -> User:
    return users.register_user(
        email=email, password_hash=users.hash_password(password=password, email=email)
    )


def test_a_signup_reserves_the_address_and_makes_no_user(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        signup = start()
    assert signup.merchant.status == Merchant.Status.RESERVED
    assert signup.merchant.slug == "oolong"
    assert User.objects.count() == 0
    assert len(callbacks) == 1


def test_the_right_code_makes_the_owner_and_starts_provisioning_once(
    code_of, django_capture_on_commit_callbacks
):
    signup = start()
    code = code_of(signup)
    with django_capture_on_commit_callbacks() as callbacks:
        verify(signup, code)
        verify(signup, code)
    owner = User.objects.get(email="owner@oolong.example")
    signup = Signup.objects.select_related("merchant").get(pk=signup.pk)
    assert signup.user == signup.merchant.owner_user == owner
    assert signup.merchant.status == Merchant.Status.PROVISIONING
    assert signup.password_hash == ""
    assert owner.check_password(PASSWORD)
    assert owner.email_verified_at == AT
    assert len(callbacks) == 1


def test_a_code_pasted_with_blanks_or_in_full_width_is_meant_all_the_same(code_of):
    signup = start()
    code = code_of(signup)
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert verify(signup, f" {wide[:3]} {wide[3:]} ").verified_at == AT


def test_five_wrong_codes_and_the_right_one_comes_too_late(code_of):
    signup = start()
    code = code_of(signup)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeWrong) as refused:
            verify(signup, wrong(code))
        assert refused.value.facts == {"attempts_left": left}
    with pytest.raises(CodeUsedUp):
        verify(signup, code)
    assert User.objects.count() == 0


def test_a_code_lives_ten_minutes(code_of, later):
    signup = start()
    code = code_of(signup)
    with pytest.raises(CodeExpired):
        verify(signup, code, at=later(minutes=10))
    assert verify(signup, code, at=later(minutes=9, seconds=59)).verified_at is not None


def test_no_code_is_right_before_one_was_sent(db):
    with pytest.raises(CodeExpired):
        verify(start(), "")


def test_another_code_replaces_the_first_and_its_tries(code_of, later):
    signup = start()
    first = code_of(signup)
    with pytest.raises(CodeWrong):
        verify(signup, wrong(first))
    actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=later(seconds=61))
    second = code_of(signup, at=later(seconds=61))
    if second != first:
        with pytest.raises(CodeWrong) as refused:
            verify(signup, first, at=later(seconds=62))
        assert refused.value.facts == {"attempts_left": 4}
    assert verify(signup, second, at=later(seconds=62)).verified_at is not None
    with pytest.raises(AlreadyVerified):
        actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=later(minutes=5))


def test_codes_are_sent_once_a_minute_and_six_times_at_most(code_of, later):
    signup = start()
    code_of(signup)
    with pytest.raises(RateLimited) as limited:
        actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=later(seconds=20))
    assert limited.value.facts == {"retry_after_seconds": 40}
    for number in range(1, 6):
        at = later(minutes=number)
        actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=at)
        code_of(signup, at=at)
    with pytest.raises(TooManyCodes):
        actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=later(minutes=7))


def test_nobodys_mailbox_is_filled_through_us(db):
    for number in range(8):
        start(slug=f"oolong-{number}")
    with pytest.raises(RateLimited):
        start(slug="oolong-x")
    assert start(slug="oolong-y", email="other@oolong.example").pk


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"slug": "www"}, SlugReserved),
        ({"slug": "-x-"}, SlugInvalid),
        ({"slug": "Ä"}, SlugInvalid),
        ({"email": "nobody"}, InvalidBody),
        ({"password": "short"}, PasswordRefused),
        ({"currency": "XYZ"}, InvalidBody),
        ({"timezone": "Asia/Atlantis"}, InvalidBody),
        ({"template": "casino"}, InvalidBody),
        ({"locale": "fr"}, InvalidBody),
    ],
)
def test_what_is_refused_leaves_nothing_behind(db, changes, error):
    with pytest.raises(error):
        start(**changes)
    assert not Signup.objects.exists()
    assert not Merchant.objects.filter(slug="oolong").exists()


def test_an_unconfirmed_signup_holds_the_address_for_a_day(db, later):
    start()
    other = {"email": "other@oolong.example"}
    with pytest.raises(SlugTaken):
        start(at=later(hours=23, minutes=59), **other)
    taken_over = start(at=later(hours=24), **other)
    assert list(Signup.objects.all()) == [taken_over]


def test_whoever_begins_again_replaces_the_own_signup(code_of):
    old = start()
    start(company="Oolong & Co.")
    assert not Signup.objects.filter(pk=old.pk).exists()
    assert Merchant.objects.get(slug="oolong").name == "Oolong & Co."


def test_a_confirmed_address_stays_taken(code_of, later):
    signup = start()
    verify(signup, code_of(signup))
    with pytest.raises(SlugTaken):
        start(at=later(days=30), email="other@oolong.example")
    with pytest.raises(SlugTaken):
        start(at=later(days=30))


def test_after_a_day_the_code_opens_nothing_and_the_sweep_forgets(code_of, later):
    signup = start()
    actions.resend_code(signup_id=signup.pk, address="203.0.113.7", at=later(hours=23, minutes=55))
    code = code_of(signup, at=later(hours=23, minutes=55))
    with pytest.raises(SignupExpired):
        verify(signup, code, at=later(hours=24))
    assert actions.forget_expired_signups(at=later(hours=24)) == 1
    assert not Merchant.objects.filter(slug="oolong").exists()


def test_an_existing_account_with_its_password_gets_the_shop(code_of, mailoutbox):
    owner = register()
    signup = start()
    code = code_of(signup)
    assert "has a Jifen account already" in mailoutbox[-1].body
    verify(signup, code)
    assert Merchant.objects.get(slug="oolong").owner_user == owner
    assert User.objects.count() == 1


def test_a_stranger_with_another_password_takes_nothing_over(code_of):
    """Even with the code in hand (a borrowed mailbox), the account's password is needed."""
    owner = register()
    signup = start(password="the stranger's own password")
    code = code_of(signup)
    with pytest.raises(PasswordNeeded):
        verify(signup, code)
    with pytest.raises(WrongCredentials):
        verify(signup, code, password="the stranger's own password")
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    assert Merchant.objects.get(slug="oolong").status == Merchant.Status.RESERVED
    assert verify(signup, code, password=PASSWORD).merchant.owner_user == owner


def test_a_password_changed_meanwhile_is_asked_for_again(code_of):
    owner = register()
    signup = start()
    code = code_of(signup)
    owner.set_password("another fine password")
    owner.save()
    with pytest.raises(PasswordNeeded):
        verify(signup, code)
    assert verify(signup, code, password="another fine password").merchant.owner_user == owner


def test_the_second_shop_of_a_new_owner_asks_for_the_password(code_of):
    first, second = start(), start(slug="oolong-2")
    code = code_of(second)
    verify(first, code_of(first))
    with pytest.raises(PasswordNeeded):
        verify(second, code)
    verify(second, code, password=PASSWORD)
    assert User.objects.count() == 1


def test_the_mail_speaks_the_language_of_the_signup(code_of, mailoutbox):
    code_of(start())
    code_of(start(slug="oolong-2", locale="zh-hans", company="<b>乌龙</b> http://spam.example"))
    english, chinese = mailoutbox
    assert english.subject == "Your code for Jifen"
    assert chinese.subject == "您的积分平台验证码"
    assert "分钟内有效" in chinese.body
    html = chinese.alternatives[0][0]
    assert code_in(chinese) in html
    assert "spam.example" not in chinese.body + html


def test_a_mail_server_in_trouble_loses_no_signup(db, monkeypatch, mailoutbox, later):
    signup = start()

    def fail(*args, **kwargs):
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as trouble:
        trouble.setattr(mail.EmailMultiAlternatives, "send", fail)
        assert not actions.send_code(signup_id=signup.pk, at=AT)
    signup.refresh_from_db()
    assert (signup.code_due_at, signup.send_failures) == (later(seconds=30), 1)
    assert not actions.send_code(signup_id=signup.pk, at=later(seconds=29))
    assert actions.send_code(signup_id=signup.pk, at=later(seconds=30))
    assert not actions.send_code(signup_id=signup.pk, at=later(seconds=31))
    assert len(mailoutbox) == 1


def test_the_sweep_sends_what_a_lost_message_left_behind(db, mailoutbox, time_machine_at):
    with time_machine_at(AT):
        start()
        start(slug="oolong-2")
        assert tasks.send_waiting_codes.run() == 2
        assert tasks.send_waiting_codes.run() == 0
    assert len(mailoutbox) == 2
