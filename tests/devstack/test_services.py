"""The product's processes: started once, restarted when dead or changed, failures explained."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from devstack import processes, services
from devstack.errors import StackError
from devstack.runfolder import ROOT, RunFolder, pick_free_port
from devstack.services import Runner, Service, list_services
from devstack.status import format_table, list_rows

ENV = {"PATH": os.defpath}
FINGERPRINTS = {"web": "1", "worker": "1"}


def make_service(name: str, script: str) -> Service:
    return Service(name, ("/bin/sh", "-c", script), "django", 5, ready_word="ready")


@pytest.fixture
def runner(run: RunFolder) -> Iterator[Runner]:
    runner = Runner(run, [make_service(name, "echo ready; sleep 300") for name in FINGERPRINTS])
    yield runner
    runner.stop()


def test_only_what_has_died_is_started_again(run: RunFolder, runner: Runner) -> None:
    assert dict(runner.start(ENV, FINGERPRINTS)) == {"web": True, "worker": True}
    assert dict(runner.start(ENV, FINGERPRINTS)) == {"web": False, "worker": False}

    pid = int(run.path.joinpath("worker.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: processes.look_up(pid) is None, timeout=5)

    assert dict(runner.start(ENV, FINGERPRINTS)) == {"web": False, "worker": True}


def test_other_settings_or_code_start_a_service_anew(runner: Runner) -> None:
    list(runner.start(ENV, FINGERPRINTS))

    assert dict(runner.start(ENV, {"web": "2", "worker": "1"})) == {"web": True, "worker": False}
    assert runner.stop() == ["web", "worker"]
    assert runner.stop() == []


def test_a_service_that_ends_is_reported_with_the_end_of_its_log(run: RunFolder) -> None:
    broken = Runner(run, [make_service("web", "echo no module named shop; exit 3")])

    with pytest.raises(StackError, match="web ended.*\nno module named shop"):
        list(broken.start(ENV, FINGERPRINTS))


def test_a_service_that_was_never_ready_is_not_taken_for_running(
    run: RunFolder, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "READY_SECONDS", 0.3)
    slow = Runner(run, [make_service("web", "sleep 300")])
    with pytest.raises(StackError, match="web was not ready"):
        list(slow.start(ENV, FINGERPRINTS))

    assert dict(runner.start(ENV, FINGERPRINTS))["web"]


def test_nothing_runs_in_an_empty_folder(run: RunFolder) -> None:
    rows = list_rows(run)

    assert [row.service for row in rows] == [
        "postgres", "redis", "stripe", "web", "worker", "jobs", "beat",
    ]  # fmt: skip
    assert {row.state for row in rows} == {"down"}
    assert format_table(rows).splitlines()[1].split()[:4] == ["postgres", "-", "-", "down"]


def test_the_stand_in_for_stripe_is_there_unless_another_is_used(run: RunFolder) -> None:
    run.remember_port("stripe", 23456)
    run.write_env({"JIFEN_EMBEDDED": "postgres,redis,stripe"})
    stand_in = list_services(run, 8000)[0]
    assert (stand_in.name, stand_in.port) == ("stripe", 23456)
    assert stand_in.command[-1] == "http://localhost:8000/api/platform/v1/connect/webhook"

    run.write_env({"JIFEN_EMBEDDED": "postgres,redis"})
    assert [one.name for one in list_services(run, 8000)] == ["web", "worker", "jobs", "beat"]


def test_the_stand_in_starts_in_a_moment_and_is_found_again(run: RunFolder) -> None:
    run.remember_port("stripe", pick_free_port())
    runner = Runner(run, list_services(run, 8000)[:1])
    env = {**ENV, "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_x", "PYTHONPATH": str(ROOT / "platform")}
    try:
        assert dict(runner.start(env, {"stripe": "a"})) == {"stripe": True}
        assert dict(runner.start(env, {"stripe": "a"})) == {"stripe": False}
    finally:
        assert runner.stop() == ["stripe"]
    assert (run.path / "stripe" / "stripe.sqlite3").exists()


def test_the_commands_work_while_everything_is_down(run: RunFolder) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "status", "--json"]
    done = subprocess.run(
        [*command, "--run-dir", str(run.path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1, done.stderr
    assert '"service": "beat"' in done.stdout
