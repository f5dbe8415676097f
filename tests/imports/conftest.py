"""Imports as a partner sends them, with their jobs run on the spot."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from kernel.models import TestClock
from points.flows.jobs import run_job
from tests.support.http import Http, partner_client

API = "/api/v1"
# 12:00 on 1 March in Shanghai, on the shop's own clock.
NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


class Inside(Http):
    """A caller whose test stays inside the shop's schema between calls."""

    def call(self, *args: Any, **options: Any) -> Any:
        inside = connection.tenant
        try:
            return super().call(*args, **options)
        finally:
            connection.set_tenant(inside)


class Importing:
    """One caller of the API; `check` and `commit` also run the job they ask for."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def begin(self, rows: list[dict[str, Any]], name: str = "old") -> str:
        answer = self.http.post(f"{API}/imports", {"name": name, "rows": rows})
        assert answer.status == 201, answer
        return str(answer.json["id"])

    def get(self, import_id: str) -> Any:
        return self.http.get(f"{API}/imports/{import_id}").json

    def _run(self, answer: Any) -> Any:
        assert answer.status == 202, answer
        job_id = answer.json["id"]
        run_job(job_id=uuid.UUID(job_id), tell_time=lambda: datetime.now(UTC))
        job = self.http.get(f"{API}/jobs/{job_id}").json
        assert job["status"] == "done", job
        return job["result"]

    def check(self, import_id: str) -> Any:
        """The totals found."""
        return self._run(self.http.post(f"{API}/imports/{import_id}/checks"))["totals"]

    def sign(self, import_id: str, **more: Any) -> Any:
        """The call that signs off what the last check found."""
        body = {"totals": signed(self.get(import_id)["totals"]), **more}
        return self.http.post(f"{API}/imports/{import_id}/commit", body)

    def commit(self, import_id: str, **more: Any) -> Any:
        """What was written."""
        return self._run(self.sign(import_id, **more))["written"]

    def bring(self, rows: list[dict[str, Any]], name: str = "old") -> Any:
        """From rows to what was written."""
        import_id = self.begin(rows, name)
        self.check(import_id)
        return self.commit(import_id, skip_refused=True)

    def problems(self, import_id: str) -> list[tuple[int, str, str]]:
        """(row, field, code) of those refused."""
        items = self.http.get(f"{API}/imports/{import_id}/problems?limit=100").json["items"]
        return [(one["number"], one["field"], one["code"]) for one in items]


def signed(totals: dict[str, Any]) -> dict[str, Any]:
    names = ("rows", "members_new", "members_known", "points", "growth", "cost_cents")
    return {name: totals[name] for name in names}


@pytest.fixture
def importing(shop, monkeypatch) -> Callable[..., Any]:
    """The tea shop in test mode, its clock at NOW."""
    monkeypatch.setattr(shop, "mode", "test")
    type(shop).objects.filter(pk=shop.pk).update(mode="test")
    TestClock.objects.create(now=NOW)
    from tenants import hosts

    hosts.forget()
    http = partner_client(shop)
    return Importing(Inside(http.host, **http.headers))
