"""Limits: counted exactly, per merchant, by the real address, and without Redis as well."""

import logging

import pytest
from django.test import RequestFactory
from django_tenants.utils import tenant_context

from kernel import limits
from kernel.api.problems import RateLimited

RULE = limits.Rule("test", 3, 60)


def request_from(address: str, forwarded: str | None = None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)


def test_three_pass_and_the_fourth_is_told_how_long_to_wait():
    for _ in range(3):
        limits.hit(RULE, "mei")
    with pytest.raises(RateLimited) as limited:
        limits.hit(RULE, "mei")
    assert 1 <= limited.value.facts["retry_after_seconds"] <= 60
    limits.hit(RULE, "tao")
    limits.clear(RULE, "mei")
    limits.hit(RULE, "mei")


def test_one_merchants_counters_are_not_anothers(tea, toys):
    with tenant_context(tea):
        for _ in range(3):
            limits.hit(RULE, "mei")
        assert limits.is_used_up(RULE, "mei")
    with tenant_context(toys):
        assert not limits.is_used_up(RULE, "mei")


def test_without_redis_the_process_counts_for_itself(settings, caplog):
    settings.RATE_LIMIT_STORAGE = "redis://127.0.0.1:1/0"
    limits._own.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            limits.hit(RULE, "mei")
        with pytest.raises(RateLimited):
            limits.hit(RULE, "mei")
    assert "this process only" in caplog.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "10.0.0.9"),
        (1, None, "10.0.0.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (1, "nonsense", "unknown"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_address(request_from("10.0.0.9", forwarded)) == expected


def test_an_ipv6_customer_is_one_network():
    one = limits.client_address(request_from("2001:db8:1:2::1"))
    other = limits.client_address(request_from("2001:db8:1:2:ffff::9"))
    assert one == other == "2001:db8:1:2::/64"
