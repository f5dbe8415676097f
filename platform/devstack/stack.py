"""The whole stack: brought up in order, brought down in reverse."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devstack.environment import (
    DATABASE,
    DEFAULT_PORT,
    EMBEDDED,
    PASSED_ON,
    Wishes,
    derive_cache_url,
    find_endpoint,
    forget_external,
)
from devstack.errors import PortTaken, StackError
from devstack.pidfile import PidFile
from devstack.postgres import PostgresServer
from devstack.roles import APP, OWNER, ensure_roles_and_database
from devstack.runfolder import ROOT, RunFolder, becomes_free, is_port_free
from devstack.services import STRIPE_NAME, Runner, list_services, stamp_code, stamp_files
from devstack.valkey import ValkeyServer


class Stack:
    """One stack, its state in one run folder; `say` is told each step in a line."""

    def __init__(self, run: RunFolder, say: Callable[[str], None]) -> None:
        self.run = run
        self.postgres = PostgresServer(run.path)
        self.valkey = ValkeyServer(run.path)
        self._say = say
        self._clock = time.monotonic()

    def up(self, given: Mapping[str, str], port: int | None = None) -> int:
        """Start what does not run; return the port of the web server."""
        with self.run.lock("stack"):
            wishes = Wishes(given, self.run.read_env())
            values = self._start_servers(wishes)
            values["JIFEN_PORT"] = str(self._choose_port(port or wishes.get_port()))
            values.setdefault("JIFEN_BASE_DOMAIN", "localhost")
            values["SECRET_KEY"] = wishes.get_secret_key()
            self.run.write_env(values)
            self._start_product(values)
            return int(values["JIFEN_PORT"])

    def down(self) -> list[str]:
        """Stop everything that this stack has started; names of what ran."""
        with self.run.lock("stack"):
            stopped = Runner(self.run, list_services(self.run, 0)).stop()
            if self.valkey.stop():
                stopped.append("redis")
            if self.postgres.stop():
                stopped.append("postgres")
            if values := self.run.read_env():
                self.run.write_env(forget_external(values))
            self.run.forget_port("web")
            return stopped

    def _start_servers(self, wishes: Wishes) -> dict[str, str]:
        values = {name: value for name in PASSED_ON if (value := wishes.get(name))}
        embedded = []
        if url := wishes.get("DATABASE_URL"):
            self.postgres.stop()
            self._report_external("PostgreSQL", url)
            values |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": _find_owner_url(wishes, url)}
        else:
            values |= self._start_postgres(wishes)
            embedded.append("postgres")
        broker, cache = wishes.get("CELERY_BROKER_URL"), wishes.get("REDIS_URL")
        if broker:
            self._report_external("Broker", broker)
            cache = cache or derive_cache_url(broker)
        if broker and cache:
            self.valkey.stop()
        else:
            self._start_valkey()
            embedded.append("redis")
        values["CELERY_BROKER_URL"] = broker or self.valkey.url(0)
        values["REDIS_URL"] = cache or self.valkey.url(1)
        values |= self._choose_stripe(wishes)
        if not wishes.get_stripe():
            embedded.append(STRIPE_NAME)
        values[EMBEDDED] = ",".join(embedded)
        return values

    def _start_postgres(self, wishes: Wishes) -> dict[str, str]:
        was_started = self.postgres.start()
        owner = wishes.get_password("DATABASE_OWNER_URL")
        app = wishes.get_password("DATABASE_URL")
        ensure_roles_and_database(
            self.postgres.superuser_url(),
            database=DATABASE,
            owner_password=owner,
            app_password=app,
        )
        version = self.postgres.programs.version
        self._report(f"PostgreSQL {version}", self.postgres.port, was_started)
        return {
            "DATABASE_URL": self.postgres.url(APP, app, DATABASE),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER, owner, DATABASE),
        }

    def _start_valkey(self) -> None:
        was_started = self.valkey.start()
        self._report(f"Valkey {self.valkey.version}", self.valkey.port, was_started)

    def _choose_stripe(self, wishes: Wishes) -> dict[str, str]:
        """The Stripe that is named, else our stand-in on the port it had."""
        if given := wishes.get_stripe():
            PidFile(self.run.path, STRIPE_NAME).stop(grace=5)
            self._report_external("Stripe", given.get("STRIPE_API_BASE", "https://api.stripe.com"))
            return given
        port = self.run.read_ports().get(STRIPE_NAME)
        if not PidFile(self.run.path, STRIPE_NAME).find_alive():
            port = self.run.propose_ports(STRIPE_NAME, None)[0]
            self.run.remember_port(STRIPE_NAME, port)
        return {
            "STRIPE_API_KEY": "sk_test_standin",
            "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
            "STRIPE_CONNECT_WEBHOOK_SECRET": wishes.get_webhook_secret(),
        }

    def _choose_port(self, asked: int | None) -> int:
        web = PidFile(self.run.path, "web")
        current = self.run.read_ports().get("web")
        if web.find_alive() and current and asked in (None, current):
            return current
        # A killed web server's children may still hold the port.
        web.stop(grace=10)
        port = _pick_web_port(asked, current)
        self.run.remember_port("web", port)
        return port

    def _start_product(self, values: Mapping[str, str]) -> None:
        env = {**os.environ, **values, "JIFEN_RUN_DIR": str(self.run.path)}
        env.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
        with ThreadPoolExecutor(2) as pool:
            static = pool.submit(self._collect_static, env)
            pool.submit(self._manage, env, "migrate_all").result()
            static_stamp = static.result()
        self._say(f"  {'database and static files':<24} ready{self._lap()}")
        port = int(values["JIFEN_PORT"])
        runner = Runner(self.run, list_services(self.run, port))
        fingerprint = _fingerprint(values)
        prints = {"web": f"{fingerprint}-{static_stamp}"}
        prints |= dict.fromkeys(("worker", "jobs", "beat", STRIPE_NAME), fingerprint)
        ports = self.run.read_ports()
        for name, was_started in runner.start(env, prints):
            self._report(name, ports.get(name), was_started)

    def _collect_static(self, env: Mapping[str, str]) -> str:
        stamp = _stamp_static()
        file = self.run.path / "static.stamp"
        is_fresh = file.exists() and file.read_text() == stamp
        if not is_fresh or not (self.run.path / "static").is_dir():
            self._manage(env, "collectstatic", "--noinput", "--verbosity", "0")
            file.write_text(stamp)
        return stamp

    def _manage(self, env: Mapping[str, str], *words: str) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(
            command,
            env=dict(env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self.run.log("manage").open("a") as log:
            log.write(f"$ manage.py {' '.join(words)}\n{done.stdout}")
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-30:])
            raise StackError(f"manage.py {' '.join(words)} failed:\n{tail}")

    def _report(self, what: str, port: int | None, was_started: bool) -> None:
        place = f" on 127.0.0.1:{port}" if port else ""
        state = "started" if was_started else "runs already"
        self._say(f"  {what:<24} {state}{place}{self._lap()}")

    def _report_external(self, what: str, url: str) -> None:
        host, port = find_endpoint(url)
        self._say(f"  {what:<24} used from the environment: {host}:{port}")

    def _lap(self) -> str:
        before, self._clock = self._clock, time.monotonic()
        return f" ({self._clock - before:.1f} s)"


def _find_owner_url(wishes: Wishes, app_url: str) -> str:
    """Whoever names a database and no owner means that one role does both."""
    if "DATABASE_URL" in wishes.given:
        return wishes.given.get("DATABASE_OWNER_URL", app_url)
    return wishes.get("DATABASE_OWNER_URL") or app_url


def _pick_web_port(asked: int | None, remembered: int | None) -> int:
    if asked:
        if not becomes_free(asked):
            raise PortTaken(
                f"Port {asked} is taken by another program: stop it, or set JIFEN_PORT to "
                "another port."
            )
        return asked
    if remembered and becomes_free(remembered):
        return remembered
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 100):
        if is_port_free(port):
            return port
    raise PortTaken(f"No free port from {DEFAULT_PORT} up: set JIFEN_PORT to a free one.")


def _fingerprint(values: Mapping[str, str]) -> str:
    settings = "\n".join(f"{name}={value}" for name, value in sorted(values.items()))
    return hashlib.sha256(f"{settings}\n{stamp_code()}".encode()).hexdigest()


def _stamp_static() -> str:
    digest = hashlib.sha256()
    for folder in sorted(
        [
            *ROOT.glob("frontend/apps/*/dist"),
            *ROOT.glob("frontend/pictures"),
            *ROOT.glob("platform/*/static"),
            *ROOT.glob("points/interfaces/*/static"),
        ]
    ):
        stamp_files(digest, folder)
    for lock in sorted(Path(ROOT, "requirements").glob("*.txt")):
        digest.update(lock.read_bytes())
    return digest.hexdigest()
