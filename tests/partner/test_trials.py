"""Simulations and back-tests through the partner API."""

from datetime import UTC, datetime

from points.flows.jobs import run_job
from tests.console.test_trials import ORDER, PROPOSED
from tests.support.http import partner_client

API = "/api/v1"


def test_another_system_tries_and_asks_until_it_is_done(partner, shop):
    tried = partner.post(f"{API}/simulations", {"order": ORDER, **PROPOSED}).json
    assert (tried["live"]["points"], tried["draft"]["points"]) == (110, 140)
    asked = partner.post(f"{API}/backtests", PROPOSED, idem="new")
    assert asked.status == 202
    assert run_job(job_id=asked.json["id"], tell_time=lambda: datetime.now(UTC))
    done = partner.get(f"{API}/backtests/{asked.json['id']}").json
    assert (done["status"], done["comparison"]["orders"]) == ("done", 0)
    assert partner.get(f"{API}/backtests").json["items"] == [done]
    assert partner.get(f"{API}/jobs/{done['id']}").json["progress"] == 100


def test_a_key_needs_the_scope(shop):
    stranger = partner_client(shop, "orders:write")
    assert stranger.post(f"{API}/simulations", {"order": ORDER}).code == "channels.scope_missing"
    reader = partner_client(shop, "settings:read")
    assert reader.post(f"{API}/simulations", {"order": ORDER}).status == 200
