"""A whole stack for the benchmarks, started by the product's own launcher and stopped again."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from devstack.binaries import find_postgres
from devstack.environment import EXTERNAL, PASSED_ON
from devstack.runfolder import RunFolder, pick_free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"


def say(text: str, end: str = "\n") -> None:
    """Write to the terminal at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


@dataclass(frozen=True)
class Shop:
    """A merchant to measure on: where it answers, its key, its schema."""

    slug: str
    host: str
    key: str
    schema: str


class BenchStack:
    """One stack in a temporary folder; a durable PostgreSQL, as in the demo."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jifen-bench-"))
        # PostgreSQL may have to run as another account, which must reach its data in here.
        self.folder.chmod(0o755)
        self.run = RunFolder(self.folder)
        self.port = pick_free_port()

    def up(self) -> float:
        """Start what does not run; seconds it took."""
        started = time.monotonic()
        self.manage("up", env={"JIFEN_PORT": str(self.port)})
        return time.monotonic() - started

    def down(self) -> None:
        """Stop everything and throw its data away."""
        self.manage("down", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def manage(self, *words: str, env: Mapping[str, str] | None = None, check: bool = True) -> str:
        """Run a management command against this stack; what it printed."""
        return run_manage(ROOT, *words, env={**self.environment(), **(env or {})}, check=check)

    def environment(self) -> dict[str, str]:
        """Of a command that speaks to this stack, and to no server the caller's shell names."""
        named = (*EXTERNAL, *PASSED_ON, "SECRET_KEY", "JIFEN_PORT", "DJANGO_SETTINGS_MODULE")
        kept = {name: text for name, text in os.environ.items() if name not in named}
        return {**kept, "JIFEN_RUN_DIR": str(self.folder)}

    def open_shop(self, slug: str) -> Shop:
        """A new merchant with a full API key."""
        printed = self.manage(
            *("create_merchant", slug, f"--owner-email=owner@{slug}.example"),
            *("--currency=CNY", "--timezone=UTC", "--locale=en"),
        )
        made = json.loads(printed.strip().splitlines()[-1])
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("select schema_name from tenants_merchant where slug = %s", [slug])
            schema = cursor.fetchone()[0]
        return Shop(slug, f"{slug}.localhost:{self.port}", made["api_key"], schema)

    def url(self, *, owner: bool = False) -> str:
        """Address of the database, as the product's role or as the owner of the tables."""
        return self.run.read_env()["DATABASE_OWNER_URL" if owner else "DATABASE_URL"]

    def connect(self, schema: str = "public", *, owner: bool = False) -> Any:
        """A database connection that stands in a schema."""
        return psycopg2.connect(self.url(owner=owner), options=f"-c search_path={schema}")

    def ask(self, shop: Shop, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of one query in a shop's schema."""
        connection = self.connect(shop.schema)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def version(self) -> str:
        """PostgreSQL's."""
        return find_postgres().version

    def pid(self, service: str) -> int:
        """Process id of a service, from its pid file."""
        return int((self.folder / f"{service}.pid").read_text())

    def program(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        return find_postgres() / name

    def set_up_django(self) -> None:
        """Let this process use the product's code on this stack; once, after `up`."""
        import django

        os.environ.update(self.environment())
        for name in (*EXTERNAL, *PASSED_ON, "SECRET_KEY", "JIFEN_PORT"):
            os.environ.pop(name, None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
        django.setup()


def run_manage(
    root: Path, *words: str, env: Mapping[str, str] | None = None, check: bool = True
) -> str:
    """Run `manage.py` of a checkout; what it printed. Fails loudly unless `check` is off."""
    done = subprocess.run(
        [str(PYTHON), str(root / "manage.py"), *words],
        cwd=root,
        env=dict(env) if env else None,
        capture_output=True,
        text=True,
        # Ctrl-C comes to the benchmark alone, which then stops the stack in order.
        start_new_session=True,
        check=False,
    )
    if check and done.returncode:
        raise RuntimeError(f"manage.py {' '.join(words)}:\n{done.stdout}\n{done.stderr}"[-4000:])
    return done.stdout
