"""The product's own processes: web, worker, jobs and beat, and the stand-in for Stripe."""

import hashlib
import http.client
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devstack import processes
from devstack.environment import EMBEDDED
from devstack.errors import StackError
from devstack.pidfile import PidFile
from devstack.runfolder import ROOT, RunFolder, read_tail

# One more than there are cores: while one waits for a commit to reach the disk, the others work.
# Four are plenty for a laptop, and each takes a hundred megabytes.
WEB_WORKERS = min(4, (os.cpu_count() or 1) + 1)
READY_SECONDS = 90
STRIPE_NAME = "stripe"
CONNECT_WEBHOOK = "/api/platform/v1/connect/webhook"
SOURCES = ("platform", "tenants", "billing", "points")
SOURCE_SUFFIXES = {".py", ".html", ".txt", ".po", ".mo", ".sql"}


@dataclass(frozen=True)
class Service:
    """One process of the product: ready when `/readyz` on its port, or else its log, says so."""

    name: str
    command: tuple[str, ...]
    package: str
    grace_seconds: float
    ready_word: str = ""
    port: int | None = None

    def is_ready(self, log: str) -> bool:
        """Whether it does its work; `log` is what it has written since it was started."""
        return _says_ready(self.port) if self.port else self.ready_word in log


def list_services(run: RunFolder, port: int) -> list[Service]:
    """Those that `up` starts, in that order; the stand-in only where no other Stripe is used."""
    embedded = run.read_env().get(EMBEDDED, "stripe").split(",")
    stand_in = [_stand_in(run, port)] if "stripe" in embedded else []
    return [*stand_in, *_list_product(run, port)]


def _stand_in(run: RunFolder, port: int) -> Service:
    own = run.read_ports().get(STRIPE_NAME, 0)
    command = (
        *(sys.executable, "-m", "devstack.stripe_standin", "--folder", str(run.path / STRIPE_NAME)),
        *("--port", str(own), "--deliver-to", f"http://localhost:{port}{CONNECT_WEBHOOK}"),
    )
    return Service(STRIPE_NAME, command, "stripe", 5, port=own or None)


def _list_product(run: RunFolder, port: int) -> list[Service]:
    celery = (sys.executable, "-m", "celery", "-A", "config.celery")
    schedule = str(run.path / "beat-schedule")
    beat = (*celery, "beat", "--loglevel", "INFO", "--schedule", schedule)
    return [
        Service("web", _web_command(port), "granian", 15, port=port),
        Service("worker", _worker_command("jifen,webhooks", 2), "celery", 15, ready_word=" ready."),
        # A worker of its own: imports and back-tests last for minutes.
        Service("jobs", _worker_command("jobs", 1), "celery", 5, ready_word=" ready."),
        Service("beat", beat, "celery", 5, ready_word="beat: Starting"),
    ]


def _worker_command(queues: str, processes: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--queues", queues),
        *("--hostname", f"{queues.split(',')[0]}@%h", "--pool", "prefork"),
        *("--concurrency", str(processes), "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    )


def _web_command(port: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws"),
        # One thread: Django's connections and the tenant they speak for belong to a thread.
        *("--workers", str(WEB_WORKERS), "--blocking-threads", "1", "--backlog", "2048"),
        *("--respawn-failed-workers", "--respawn-interval", "0.3", "--workers-kill-timeout", "10"),
    )


class Runner:
    """Starts and stops the services of one run folder."""

    def __init__(self, run: RunFolder, services: list[Service]) -> None:
        self._run = run
        self._services = services

    def pid_file(self, service: Service) -> PidFile:
        """Where the service's process is remembered."""
        return PidFile(self._run.path, service.name)

    def start(
        self, env: Mapping[str, str], fingerprints: Mapping[str, str]
    ) -> Iterator[tuple[str, bool]]:
        """Start what is dead or runs with other settings or code; yield each name and whether."""
        prepared = [
            (service, *self._prepare(service, env, fingerprints[service.name]))
            for service in self._services
        ]
        for service, log_start, was_started in prepared:
            if was_started or service.port:
                self._await(service, log_start)
            self.pid_file(service).confirm(fingerprints[service.name])
            yield service.name, was_started
        for service in self._services:
            if not self.pid_file(service).find_alive():
                raise self._failure(service, 0, "died soon after its start")

    def stop(self) -> list[str]:
        """Stop all at once; names of those that ran."""
        with ThreadPoolExecutor(len(self._services)) as pool:
            stopped = list(pool.map(self._stop_one, self._services))
        return [service.name for service, ran in zip(self._services, stopped, strict=True) if ran]

    def _stop_one(self, service: Service) -> bool:
        return self.pid_file(service).stop(grace=service.grace_seconds)

    def _prepare(
        self, service: Service, env: Mapping[str, str], fingerprint: str
    ) -> tuple[int, bool]:
        """Where its log goes on from, and whether it had to be started."""
        file = self.pid_file(service)
        alive = file.find_alive()
        is_current = alive is not None and alive.fingerprint == fingerprint
        if not is_current:
            # Also ends the children of a master that was killed: they would serve on.
            self._stop_one(service)
        log = self._run.log(service.name)
        log_start = log.stat().st_size if log.exists() else 0
        if not is_current:
            file.write(processes.spawn(service.command, log=log, cwd=ROOT, env=env))
        return log_start, not is_current

    def _await(self, service: Service, log_start: int) -> None:
        has_ended = partial(self._has_ended, service, log_start)
        is_ready = partial(self._is_ready, service, log_start)
        processes.wait_until(lambda: is_ready() or has_ended(), timeout=READY_SECONDS, pause=0.1)
        if not is_ready():
            reason = "ended" if has_ended() else f"was not ready in {READY_SECONDS} seconds"
            raise self._failure(service, log_start, reason)

    def _is_ready(self, service: Service, log_start: int) -> bool:
        return service.is_ready(self._read_log(service, log_start))

    def _has_ended(self, service: Service, log_start: int) -> bool:
        # The web server starts a worker that cannot import the product again and again.
        if "Unexpected exit from worker" in self._read_log(service, log_start):
            return True
        return self.pid_file(service).find_alive() is None

    def _read_log(self, service: Service, log_start: int) -> str:
        with self._run.log(service.name).open("rb") as log:
            # A log that was put aside at the start begins anew.
            log.seek(log_start if log_start <= os.fstat(log.fileno()).st_size else 0)
            return log.read().decode(errors="replace")

    def _failure(self, service: Service, log_start: int, reason: str) -> StackError:
        file = self._run.log(service.name)
        lines = self._read_log(service, log_start).count("\n")
        tail = read_tail(file, min(40, lines + 1) if log_start else 40)
        return StackError(f"{service.name} {reason}. The end of {file}:\n{tail}")


def _says_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stamp_code() -> str:
    """Changes whenever a source file of the product does."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in SOURCES:
        stamp_files(digest, ROOT / folder, SOURCE_SUFFIXES)
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def stamp_files(digest: "hashlib._Hash", folder: Path, suffixes: set[str] | None = None) -> None:
    """Add path, size and time of change of every file below `folder`."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__", "node_modules"})
        for name in sorted(names):
            file = Path(parent, name)
            if suffixes is None or file.suffix in suffixes:
                state = file.stat()
                digest.update(f"{file}:{state.st_size}:{state.st_mtime_ns};".encode())
