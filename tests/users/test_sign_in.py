"""The owner gets in, guessers do not, and nobody can lock the owner out."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.api.problems import RateLimited
from users import actions, tasks
from users.errors import EmailTaken, PasswordRefused, WrongCredentials
from users.models import StaffSession, User

PASSWORD = "correct horse battery staple 9"
HOME = "203.0.113.7"


@pytest.fixture
def owner(db) -> User:
    return actions.register_user(
        email=" Owner@Tea.example ",
        password_hash=actions.hash_password(password=PASSWORD, email="owner@tea.example"),
        email_verified_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def sign_in(password: str = PASSWORD, address: str = HOME) -> User:
    return actions.verify_password(email="owner@tea.example", password=password, address=address)


def test_the_address_is_kept_in_lower_case_and_compared_without_case(owner):
    assert owner.email == "owner@tea.example"
    found = actions.verify_password(email="OWNER@tea.example ", password=PASSWORD, address=HOME)
    assert found == owner


def test_an_address_is_one_persons(owner):
    with pytest.raises(EmailTaken):
        actions.register_user(email="owner@TEA.example", password_hash="x")
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "1234567890", "owner@tea.example"])
def test_a_weak_password_is_refused_at_its_field(password):
    with pytest.raises(PasswordRefused) as refused:
        actions.hash_password(password=password, email="owner@tea.example")
    assert refused.value.facts["field"] == "password"
    assert refused.value.facts["reason"]


def test_wrong_password_unknown_and_closed_account_answer_the_same(owner):
    with pytest.raises(WrongCredentials) as wrong:
        sign_in("wrong")
    with pytest.raises(WrongCredentials) as unknown:
        actions.verify_password(email="nobody@tea.example", password=PASSWORD, address=HOME)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(WrongCredentials) as closed:
        sign_in()
    assert str(wrong.value) == str(unknown.value) == str(closed.value)
    assert wrong.value.facts == unknown.value.facts == closed.value.facts == {}


def test_eight_guesses_from_one_place_and_no_more(owner):
    for _ in range(8):
        with pytest.raises(WrongCredentials):
            sign_in("wrong", address="198.51.100.1")
    with pytest.raises(RateLimited) as limited:
        sign_in(PASSWORD, address="198.51.100.1")
    assert 1 <= limited.value.facts["retry_after_seconds"] <= 600
    assert sign_in(address=HOME) == owner


def test_a_success_forgets_the_guesses_before_it(owner):
    for _ in range(3):
        for _ in range(7):
            with pytest.raises(WrongCredentials):
                sign_in("wrong")
        assert sign_in() == owner
        actions.limits.clear(actions.AT_ACCOUNT, owner.email)


def test_guesses_from_many_places_slow_strangers_down_and_not_the_owner(owner):
    assert sign_in(address=HOME) == owner
    for number in range(9):
        with pytest.raises(WrongCredentials):
            sign_in("wrong", address=f"198.51.100.{number}")
    with pytest.raises(RateLimited) as limited:
        sign_in("wrong", address="198.51.100.200")
    assert limited.value.facts["retry_after_seconds"] <= 60
    assert sign_in(address=HOME) == owner


def test_one_password_on_many_accounts_stops_at_sixty(owner):
    for number in range(60):
        with pytest.raises(WrongCredentials):
            actions.verify_password(
                email=f"user{number}@tea.example", password="Spring2026!", address="198.51.100.9"
            )
    with pytest.raises(RateLimited):
        sign_in(PASSWORD, address="198.51.100.9")


def test_sessions_that_ran_out_are_forgotten_on_every_host(db, django_assert_num_queries):
    now = datetime.now(UTC)
    for scope in ("platform", "01a20077-438c-767c-86e5-9c0bfbe1af05"):
        for name, hours in (("open", 1), ("out", -1), ("long-out", -24 * 90)):
            StaffSession.objects.create(
                session_key=f"{scope[:8]}-{name}", scope=scope,
                expire_date=now + timedelta(hours=hours),
            )  # fmt: skip

    with django_assert_num_queries(1):
        assert actions.forget_expired_sessions(at=now) == 4

    kept = StaffSession.objects.order_by("session_key").values_list("session_key", flat=True)
    assert list(kept) == ["01a20077-open", "platform-open"]
    assert tasks.forget_expired_sessions.run() == 0
