"""Servers named by the environment win, stay until `down`, and are never confused with our own."""

import pytest

from devstack.environment import Wishes, derive_cache_url, find_endpoint, forget_external
from devstack.errors import StackError

OURS = {
    "DATABASE_URL": "postgresql://jifen_app:old%40@127.0.0.1:20001/jifen",
    "CELERY_BROKER_URL": "redis://127.0.0.1:20002/0",
    "JIFEN_EMBEDDED": "postgres,redis",
    "SECRET_KEY": "kept",
}


def test_an_address_of_our_own_server_is_no_wish() -> None:
    wishes = Wishes(given={}, remembered=OURS)

    assert wishes.get("DATABASE_URL") is None
    assert wishes.get("CELERY_BROKER_URL") is None
    assert wishes.get_password("DATABASE_URL") == "old@"
    assert wishes.get_secret_key() == "kept"


def test_a_given_address_wins_and_is_remembered() -> None:
    real = "postgresql://app@db.example/points"
    assert Wishes(given={"DATABASE_URL": real}, remembered=OURS).get("DATABASE_URL") == real

    remembered = OURS | {"DATABASE_URL": real, "JIFEN_EMBEDDED": "redis"}
    assert Wishes(given={}, remembered=remembered).get("DATABASE_URL") == real
    assert Wishes(given={}, remembered=remembered).get("CELERY_BROKER_URL") is None


def test_another_stripe_is_used_by_its_key_or_its_address() -> None:
    ours = OURS | {
        "JIFEN_EMBEDDED": "postgres,redis,stripe", "STRIPE_API_KEY": "sk_test_standin",
        "STRIPE_API_BASE": "http://127.0.0.1:20003", "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_old",
    }  # fmt: skip
    assert Wishes(given={}, remembered=ours).get_stripe() == {}
    assert Wishes(given={}, remembered=ours).get_webhook_secret() == "whsec_old"
    assert Wishes(given={}, remembered={}).get_webhook_secret().startswith("whsec_")

    real = {"STRIPE_API_KEY": "sk_test_real", "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_real"}
    assert Wishes(given=real, remembered=ours).get_stripe() == real
    remembered = OURS | real
    assert Wishes(given={}, remembered=remembered).get_stripe() == real


def test_passwords_and_the_secret_key_are_made_up_the_first_time() -> None:
    wishes = Wishes(given={}, remembered={})

    assert len(wishes.get_password("DATABASE_URL")) >= 32
    assert wishes.get_password("DATABASE_URL") != wishes.get_password("DATABASE_URL")
    assert len(wishes.get_secret_key()) >= 40


def test_down_keeps_the_secret_key_alone() -> None:
    assert forget_external(OURS) == {"SECRET_KEY": "kept"}


@pytest.mark.parametrize("value", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(StackError, match="JIFEN_PORT"):
        Wishes(given={"JIFEN_PORT": value}, remembered={}).get_port()


def test_the_cache_is_the_brokers_second_database() -> None:
    assert (
        derive_cache_url("redis://:pw@cache.example:6380/0") == "redis://:pw@cache.example:6380/1"
    )
    assert derive_cache_url("amqp://rabbit.example//") is None


def test_endpoints_have_the_usual_ports() -> None:
    assert find_endpoint("postgresql://app@db.example/points") == ("db.example", 5432)
    assert find_endpoint("redis://cache.example:6380/0") == ("cache.example", 6380)
