"""A service is known by its id and start time, and its whole family ends with it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import processes
from devstack.pidfile import PidFile
from devstack.runfolder import ROOT

FAMILY = ["/bin/sh", "-c", "sleep 300 & sleep 300 & wait"]


def start_family(folder: Path) -> PidFile:
    pid = processes.spawn(FAMILY, log=folder / "family.log", cwd=folder, env={"PATH": os.defpath})
    file = PidFile(folder, "family")
    file.write(pid)
    assert processes.wait_until(lambda: len(processes.list_session(pid)) == 3, timeout=5)
    return file


def test_stopping_ends_the_process_and_its_children(folder: Path) -> None:
    file = start_family(folder)
    pid = int(file.path.read_text())

    assert file.stop(grace=5)

    assert processes.list_session(pid) == []
    assert file.find_alive() is None
    assert not file.stop(grace=5)


def test_children_of_a_killed_process_are_ended_before_it_is_started_anew(folder: Path) -> None:
    file = start_family(folder)
    pid = int(file.path.read_text())
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: file.find_alive() is None, timeout=5)
    assert len(processes.list_session(pid)) == 2

    file.end_session()

    assert processes.list_session(pid) == []


def test_a_process_that_was_given_the_same_id_is_left_alone(folder: Path) -> None:
    file = start_family(folder)
    details = folder / "family.process.json"
    record = json.loads(details.read_text())
    details.write_text(json.dumps(record | {"started": "1"}))

    assert file.find_alive() is None
    assert not file.stop(grace=5)

    assert len(processes.list_session(record["pid"])) == 3
    details.write_text(json.dumps(record))
    assert file.stop(grace=5)


def test_a_process_survives_the_one_that_started_it(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from devstack import processes\n"
        "folder = Path(sys.argv[1])\n"
        "print(processes.spawn(['/bin/sleep', '300'], log=folder / 'log', cwd=folder, env={}))"
    )
    words = [sys.executable, "-c", program, str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "platform")}
    pid = int(subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout)

    assert processes.look_up(pid) is not None

    processes.kill_all([pid])
    assert processes.look_up(pid) is None


@pytest.mark.parametrize("text", ["", "{}", "no json"])
def test_an_unreadable_record_is_none(folder: Path, text: str) -> None:
    folder.joinpath("family.process.json").write_text(text)

    assert PidFile(folder, "family").find_alive() is None
    assert not PidFile(folder, "family").stop(grace=1)
