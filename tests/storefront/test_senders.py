"""How a code leaves: mail in the language of the page, text messages by the chosen backend."""

from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from points.members.models import SignInCode
from tests.storefront.browser import Browser

PHONE = "138 0000-0009"


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Your sign-in code for Tea Shop", "is your sign-in code for Tea Shop"),
        ("zh-hans", "Tea Shop 登录验证码", "分钟内有效"),
    ],
)
def test_the_mail_speaks_the_language_of_the_page(
    shop, django_capture_on_commit_callbacks, language, subject, words
):
    with django_capture_on_commit_callbacks(execute=True):
        Browser(shop, language).post("/sign-in-codes", {"address": "mei@example.com"})

    (sent,) = mail.outbox
    assert sent.subject == subject
    assert words in str(sent.body)
    assert sent.to == ["mei@example.com"]
    assert sent.from_email == "Tea Shop <no-reply@localhost>"


def test_nothing_is_sent_before_the_commit(visitor):
    assert visitor.post("/sign-in-codes", {"address": "mei@example.com"}).status == 202

    assert mail.outbox == []


def test_a_text_message_becomes_a_file(visitor, django_capture_on_commit_callbacks, tmp_path):
    with override_settings(RUN_DIR=tmp_path), django_capture_on_commit_callbacks(execute=True):
        answer = visitor.post("/sign-in-codes", {"address": PHONE})

    assert answer.status == 202
    (file,) = (tmp_path / "outbox").glob("sms-*.txt")
    head, _, body = Path(file).read_text().partition("\n\n")
    assert head == "To: 13800000009"
    assert "is your sign-in code for Tea Shop" in body


def test_without_a_provider_phones_are_refused_with_advice(visitor):
    with override_settings(SMS_BACKEND="none"):
        answer = visitor.post("/sign-in-codes", {"address": PHONE})

    assert (answer.status, answer.code) == (409, "members.sms_not_available")
    assert SignInCode.objects.count() == 0


def test_a_misspelt_backend_is_an_error_that_names_the_accepted_words(shop):
    from points.members.senders import sms_sender

    with override_settings(SMS_BACKEND="fiel"), pytest.raises(ImproperlyConfigured, match="file"):
        sms_sender()


def test_when_the_mail_server_is_away_the_next_try_need_not_wait(fresh_shop):
    visitor = Browser(fresh_shop)
    nowhere = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 1,
    }
    with override_settings(**nowhere):
        answer = visitor.post("/sign-in-codes", {"address": "mei@example.com"})

    assert (answer.status, answer.code) == (503, "members.code_not_sent")
    assert SignInCode.objects.count() == 0
    assert visitor.post("/sign-in-codes", {"address": "mei@example.com"}).status == 202
    assert len(mail.outbox) == 1
