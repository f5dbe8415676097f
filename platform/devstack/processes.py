"""Long-lived processes: each in a session of its own, known by its id and its start time."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

PROC = Path("/proc")
LOG_LIMIT_BYTES = 20_000_000
# Those to reap when somebody looks at them and they have died.
_children: set[int] = set()


@dataclass(frozen=True)
class Account:
    """Who a process runs as, when not as its parent."""

    uid: int
    gid: int


class RunAs(TypedDict, total=False):
    """Arguments of subprocess that change the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Process:
    """One live process; `started` tells it from a later one with the same id."""

    pid: int
    session: int
    started: str


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    account: Account | None = None,
) -> int:
    """Start a process that outlives its parent; return its id.

    Its output is appended to `log`, which is put aside first when it has grown too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
            **as_account(account),
        )
    # It is to outlive us: without this, Popen warns that it is still running.
    child.returncode = 0
    _children.add(child.pid)
    return child.pid


def as_account(account: Account | None) -> RunAs:
    """Arguments of subprocess that make the child run as that account, with no other group."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def look_up(pid: int) -> Process | None:
    """The live process with that id; a zombie counts as gone."""
    if pid in _children:
        _reap(pid)
    return _from_proc(pid) if PROC.joinpath("self").exists() else _from_ps(pid)


def list_session(session: int) -> list[Process]:
    """Live processes of one session: a service and whatever it has forked."""
    return [process for process in _list_processes() if process.session == session]


def list_working_in(folder: Path) -> list[int]:
    """Ids of the live processes whose working directory is `folder` (on Linux; elsewhere none)."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(entry / "cwd")) == folder and look_up(int(entry.name)):
                found.append(int(entry.name))
    return found


def kill_all(pids: Sequence[int], *, timeout: float = 5.0) -> None:
    """Kill -9 these processes and wait until they are gone."""
    for pid in pids:
        send(pid, signal.SIGKILL)
    wait_until(lambda: not any(look_up(pid) for pid in pids), timeout=timeout)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_until(condition: Callable[[], bool], *, timeout: float, pause: float = 0.02) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def answers(port: int, question: bytes, answer: bytes) -> bool:
    """Whether a server on the loopback address gives this answer.

    More than a connection proves: the kernel accepts those for a server that is being killed.
    """
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as line:
        line.settimeout(2)
        line.sendall(question)
        return line.recv(len(answer)) == answer
    return False


def _reap(pid: int) -> None:
    try:
        reaped, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        reaped = pid
    if reaped:
        _children.discard(pid)


def _list_processes() -> Iterator[Process]:
    if PROC.joinpath("self").exists():
        pids = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    else:
        listing = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True)
        pids = [int(word) for word in listing.stdout.split()]
    for pid in pids:
        if process := look_up(pid):
            yield process


def _from_proc(pid: int) -> Process | None:
    try:
        line = PROC.joinpath(str(pid), "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in brackets may hold spaces and brackets of its own: count from its end.
    fields = line.rpartition(")")[2].split()
    state, session, started = fields[0], int(fields[3]), fields[19]
    return None if state in "ZX" else Process(pid, session, started)


def _from_ps(pid: int) -> Process | None:
    # Where ps has no usable session, the process group says the same for all our services.
    command = ["ps", "-o", "stat=,pgid=,lstart=", "-p", str(pid)]
    words = subprocess.run(command, capture_output=True, text=True).stdout.split()
    if not words or words[0].startswith("Z"):
        return None
    return Process(pid, int(words[1]), " ".join(words[2:]))
