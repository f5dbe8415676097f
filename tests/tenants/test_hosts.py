"""From a host to a merchant, or to a refusal that names nobody."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import actions, hosts
from tenants.calculations import normalise_host
from tenants.models import Domain, Merchant
from tests.support.http import Http, partner_client


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("tea.localhost", "tea.localhost"),
        ("tea.localhost:8000", "tea.localhost"),
        ("TEA.LocalHost", "tea.localhost"),
        ("tea.localhost.", "tea.localhost"),
        ("Tea.LOCALHOST.:8000", "tea.localhost"),
        ("  tea.localhost ", "tea.localhost"),
        ("localhost:80", "localhost"),
        ("shop.example.com:443", "shop.example.com"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("", ""),
        (":8000", ""),
        (".", ""),
        ("tea.localhost:8000:9000", "tea.localhost"),
        ("tea.localhost/../toys", "tea.localhost/../toys"),
        ("tea.localhost@evil.example", "tea.localhost@evil.example"),
    ],
)
def test_hosts_are_compared_without_case_port_and_trailing_dot(raw, host):
    assert normalise_host(raw) == host


@pytest.mark.parametrize(
    "host", ["tea.localhost", "TEA.localhost:8000", "tea.LOCALHOST.", "tea.localhost.:1"]
)
def test_any_spelling_of_a_host_leads_to_its_merchant(partner, host):
    answer = Http(host, **partner.headers).get("/api/v1/members")
    assert (answer.status, answer.json["items"]) == (200, [])


NOBODY = [
    "nobody.localhost", "tea.localhost.evil.example", "xtea.localhost", "tea", "127.0.0.1",
    "tea.localhost@evil.example", "tea_localhost", "", "a.tea.localhost", "tea.localhost,toys.localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", NOBODY)
def test_an_unknown_host_gets_a_404_that_names_nobody(partner, toys, host):
    for path in ("/api/v1/members", "/api/storefront/v1/me", "/", "/console/"):
        answer = Http(host, **partner.headers).get(path)
        assert answer.status == 404, path
        text = answer.raw.decode().lower()
        for name in ("tea", "toy", "jifen_", "m_"):
            assert name not in text.replace("team", "").replace("steal", ""), (name, path)
        if path.startswith("/api/"):
            assert answer.code == "api.not_found"
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_merchant_may_have_a_domain_of_its_own(shop, partner):
    Domain.objects.create(domain="points.tea.example", tenant=shop, is_primary=False)
    answer = Http("Points.Tea.Example:443", **partner.headers).get("/api/v1/members")
    assert answer.status == 200


def test_a_suspended_merchant_answers_403_and_a_page_that_says_so(shop, partner):
    actions.suspend_merchant(merchant=shop)
    try:
        answer = partner.get("/api/v1/members")
        assert (answer.status, answer.code) == (403, "tenant.suspended")
        assert partner.post("/api/v1/members", {"external_id": "x"}).code == "tenant.suspended"
        page = Http("tea.localhost", Accept_Language="en").get("/")
        assert page.status == 403
        assert "Closed for now" in page.raw.decode()
    finally:
        actions.resume_merchant(merchant=shop)
    assert partner.get("/api/v1/members").json["items"] == []


@pytest.mark.parametrize("status", ["reserved", "provisioning", "failed", "closed"])
def test_a_merchant_that_is_not_ready_is_refused_before_any_table_is_looked_for(
    shop, partner, status
):
    Merchant.objects.filter(pk=shop.pk).update(status=status)
    hosts.forget()
    with CaptureQueriesContext(connection) as queries:
        answer = partner.get("/api/v1/members")
    asked = [q["sql"] for q in queries if not q["sql"].lower().startswith("set search_path")]
    assert len(asked) == 1 and 'FROM "tenants_domain"' in asked[0]
    assert (answer.status, answer.code) == (503, "tenant.not_ready")
    page = Http("tea.localhost", Accept_Language="en").get("/")
    assert (page.status, page.headers["Retry-After"]) == (503, "2")
    assert "One moment" in page.raw.decode()


def test_a_host_is_remembered_for_seconds_only_and_only_in_business(tea, monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(hosts.time, "monotonic", lambda: moment[0])
    assert hosts.merchant_of("tea.localhost").pk == tea.pk
    Merchant.objects.filter(pk=tea.pk).update(status=Merchant.Status.SUSPENDED)
    assert hosts.merchant_of("tea.localhost").status == "ready"
    moment[0] += hosts.SECONDS_KEPT + 0.1
    assert hosts.merchant_of("tea.localhost").status == "suspended"
    Merchant.objects.filter(pk=tea.pk).update(status=Merchant.Status.READY)
    assert hosts.merchant_of("tea.localhost").status == "ready"


def test_unknown_hosts_do_not_fill_the_memory(tea, monkeypatch):
    monkeypatch.setattr(hosts, "LARGEST", 2)
    for i in range(10):
        assert hosts.merchant_of(f"nobody{i}.localhost") is None
    assert hosts._known == {}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["nobody.example", "tea.localhost", "localhost", "10.0.0.7:8000"])
def test_probes_answer_on_any_host(tea, path, host):
    assert Http(host).get(path).status == 200


def test_a_suspension_stops_keys_but_deletes_nothing(shop, mei):
    caller = partner_client(shop)
    actions.suspend_merchant(merchant=shop)
    assert caller.get(f"/api/v1/members/{mei.pk}").status == 403
    actions.resume_merchant(merchant=shop)
    assert caller.get(f"/api/v1/members/{mei.pk}").json["external_id"] == "mei"
