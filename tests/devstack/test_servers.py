"""PostgreSQL and Valkey: started once, found again, started anew after kill -9, stopped."""

import os
import signal
import socket
from pathlib import Path

import psycopg2
import pytest

from devstack import binaries, processes
from devstack.errors import PortTaken
from devstack.postgres import PostgresServer
from devstack.roles import ensure_roles_and_database
from devstack.runfolder import RunFolder
from devstack.valkey import ValkeyServer


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def prepare(server: PostgresServer, password: str) -> tuple[str, str]:
    ensure_roles_and_database(
        server.superuser_url(), database="jifen", owner_password=password, app_password=password
    )
    urls = [server.url(role, password, "jifen") for role in ("jifen_owner", "jifen_app")]
    return urls[0], urls[1]


def test_postgres_is_started_once_and_found_again_after_a_kill(
    postgres: PostgresServer, folder: Path
) -> None:
    assert postgres.start()
    assert not postgres.start()
    port, pid = postgres.port, postgres.pid
    assert postgres.is_running()
    assert folder.joinpath("postgres.pid").read_text() == f"{pid}\n"
    owner, _ = prepare(postgres, "secret")
    ask(owner, "CREATE TABLE kept (id integer)")

    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert PostgresServer(folder, durable=False).start()

    assert postgres.port == port
    assert postgres.pid != pid
    assert ask(owner, "SELECT count(*) FROM kept") == [(0,)]
    assert postgres.stop()
    assert not postgres.is_running()
    assert not postgres.stop()


def test_the_owner_makes_tables_and_the_app_does_not(postgres: PostgresServer) -> None:
    postgres.start()
    prepare(postgres, "an old one")
    owner, app = prepare(postgres, "a'b@:/%")

    ask(owner, "CREATE TABLE points (id integer)")

    assert ask(app, "SELECT current_user, has_schema_privilege('public', 'USAGE')") == [
        ("jifen_app", True)
    ]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(app, "CREATE TABLE mine (id integer)")
    rights = "SELECT rolname, rolcreatedb FROM pg_roles WHERE rolname LIKE 'jifen%' ORDER BY 1"
    assert ask(app, rights) == [("jifen_app", False), ("jifen_owner", True)]


def test_lock_files_that_name_another_live_process_do_not_stop_the_start(
    postgres: PostgresServer,
) -> None:
    postgres.start()
    postgres.stop()
    ours = f"{os.getpid()}\n{postgres.data}\n1\n{postgres.port}\n\n\n0 0\nready\n"
    postgres.data.joinpath("postmaster.pid").write_text(ours)
    postgres.data.joinpath(f".s.PGSQL.{postgres.port}.lock").write_text(ours)

    assert postgres.start()
    assert postgres.is_running()


def test_a_remembered_port_that_was_taken_is_replaced(folder: Path, valkey: ValkeyServer) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        RunFolder(folder).remember_port("redis", taken)

        assert valkey.start()

        assert valkey.port != taken
        with pytest.raises(PortTaken, match=str(taken)):
            ValkeyServer(folder.joinpath("second"), port=taken).start()


def test_data_moves_out_of_a_folder_that_the_servers_account_cannot_enter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SHARED", folder / "shared")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed, durable=False)
    try:
        assert server.start()
        assert server.is_running()
        # Only root has to lend the data to somebody else.
        assert server.data.is_symlink() is (os.geteuid() == 0)
    finally:
        server.stop()


def test_valkey_is_started_once_and_found_again_after_a_kill(
    valkey: ValkeyServer, folder: Path
) -> None:
    assert valkey.start()
    assert not valkey.start()
    port, pid = valkey.port, valkey.pid

    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert ValkeyServer(folder).start()

    assert (valkey.port, valkey.is_running()) == (port, True)
    assert valkey.stop()
    assert processes.look_up(pid) is None
    assert not valkey.is_running()
