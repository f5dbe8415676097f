"""A sign-up and its mailbox."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal import actions
from portal.models import Signup
from tests.support.http import Http

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
DETAILS = {
    "email": "owner@oolong.example",
    "password": "correct horse battery staple 9",
    "company": "Oolong House",
    "slug": "oolong",
    "template": "blank",
    "locale": "en",
    "currency": "USD",
    "timezone": "UTC",
}


def start(at: datetime = AT, address: str = "203.0.113.7", **changes: Any) -> Signup:
    """A sign-up of the tea lover's, changed where a test needs it."""
    return actions.start_signup(**{**DETAILS, **changes}, address=address, at=at)


def verify(signup: Signup, code: str, at: datetime = AT, password: str | None = None) -> Signup:
    """Confirm from the same place."""
    return actions.verify_signup(
        signup_id=signup.pk, code=code, password=password, address="203.0.113.7", at=at
    )


def code_in(mail: Any) -> str:
    """The six digits that stand alone on a line."""
    found = re.search(r"^(\d{6})$", mail.body, re.M)
    assert found is not None, mail.body
    return found.group(1)


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def code_of(db, mailoutbox):
    """Sends what is due and gives the code of the newest mail."""

    def send(signup: Signup, at: datetime = AT) -> str:
        assert actions.send_code(signup_id=signup.pk, at=at)
        assert mailoutbox[-1].to == [signup.email]
        return code_in(mailoutbox[-1])

    return send


@pytest.fixture
def platform_api(db) -> Http:
    """The base domain over HTTP."""
    return Http("localhost")


@pytest.fixture
def later():
    """Moments after the sign-up."""
    return lambda **span: AT + timedelta(**span)


@pytest.fixture
def time_machine_at():
    """`with time_machine_at(moment):` for what asks the real clock."""
    import time_machine

    return lambda moment: time_machine.travel(moment, tick=False)
