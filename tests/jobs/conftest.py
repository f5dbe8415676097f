"""Kinds of jobs that exist only in these tests, and a clock that stands where it is put."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.flows import jobs as flow
from points.jobs import actions
from points.jobs.actions import Asker
from points.jobs.models import Job

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
LIN = Asker("staff:7", "Lin Owner")


class Watch:
    """`watch()` tells the time; `watch.on(minutes=3)` moves it."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now

    def on(self, **passed: float) -> datetime:
        self.now += timedelta(**passed)
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def kind(monkeypatch) -> Iterator[Callable[[Any], str]]:
    """`kind(runner)` makes that runner the one of kind `test.work`."""

    def register(runner: Any) -> str:
        monkeypatch.setitem(flow.RUNNERS, "test.work", runner)
        return "test.work"

    yield register


@pytest.fixture
def asked(shop) -> Callable[..., Job]:
    """A job of kind `test.work` in the queue."""

    def ask(subject: str = "", **given: Any) -> Job:
        return actions.ask_for_job(kind="test.work", input=given, by=LIN, at=AT, subject=subject)

    return ask
