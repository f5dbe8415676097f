"""PostgreSQL and Valkey for the tests: the product's own launcher over real binaries.

One pair serves all processes of a run; each process has its own database and key space. With
DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL in the environment those servers are used instead.
"""

import atexit
import fcntl
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("JIFEN_TEST_DIR", ROOT / ".cache" / "test-servers"))
PASSWORD = "test"
OURS = "JIFEN_TEST_SERVERS"


def start(*, worker: str) -> None:
    """Point the environment of this process at running servers and an empty database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    run = FOLDER / "run" / worker
    run.mkdir(parents=True, exist_ok=True)
    os.environ["JIFEN_RUN_DIR"] = str(run)
    os.environ["SECRET_KEY"] = "tests-only-" + "k" * 40
    if "DATABASE_URL" in os.environ and OURS not in os.environ:
        return
    os.environ[OURS] = "yes"  # inherited by xdist's workers, who make databases of their own
    from devstack.postgres import PostgresServer
    from devstack.roles import ensure_roles_and_database
    from devstack.valkey import ValkeyServer

    FOLDER.mkdir(parents=True, exist_ok=True)
    database = "test_" + re.sub(r"\W", "_", worker) + f"_{os.getpid()}"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        postgres = PostgresServer(FOLDER / "postgres", durable=False)
        postgres.start()
        valkey = ValkeyServer(FOLDER / "valkey")
        valkey.start()
        superuser = postgres.superuser_url()
        _drop_leftovers(superuser)
        ensure_roles_and_database(
            superuser, database=database, owner_password=PASSWORD, app_password=PASSWORD
        )
    os.environ["DATABASE_URL"] = postgres.url("jifen_app", PASSWORD, database)
    os.environ["DATABASE_OWNER_URL"] = postgres.url("jifen_owner", PASSWORD, database)
    number = int(re.sub(r"\D", "", worker) or 0) + 1
    os.environ["REDIS_URL"] = valkey.url(number)
    os.environ["CELERY_BROKER_URL"] = valkey.url(15 - number)
    atexit.register(_drop, superuser, database)


def _drop_leftovers(superuser: str) -> None:
    """Databases of runs whose process is gone."""
    for name in _query(superuser, "select datname from pg_database where datname like 'test\\_%'"):
        pid = name.rpartition("_")[2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
            _drop(superuser, name)


def _drop(superuser: str, database: str) -> None:
    try:
        _query(superuser, f'drop database if exists "{database}" with (force)')
    except psycopg2.Error:
        return  # the server went first


def _query(url: str, sql: str) -> list[str]:
    parts = urlsplit(url)
    connection = psycopg2.connect(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        password=parts.password,
        dbname=parts.path.lstrip("/"),
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()
