"""One PostgreSQL server on the loopback address, its data in a folder."""

import hashlib
import os
import secrets
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from devstack import processes
from devstack.binaries import (
    PostgresPrograms,
    can_enter,
    choose_account,
    find_postgres,
    make_shared_folder,
)
from devstack.errors import StackError
from devstack.pidfile import PidFile
from devstack.processes import Account, as_account
from devstack.runfolder import RunFolder, is_port_free, read_tail

NAME = "postgres"
SUPERUSER = "postgres"
PASSWORD_FILE = "superuser.password"
# A client's first question, whether to encrypt; this server has no certificate and says no.
SSL_QUESTION = (struct.pack("!ii", 8, 80877103), b"N")
SOCKET_PATH_LIMIT = 90
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # One transaction may touch many tables of many merchants' schemas.
    "max_locks_per_transaction": "256",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Short queries over many small tables: compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "jifen",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer:
    """Starts, stops and finds again the server whose state is in `folder`.

    `durable=False` is for tests: faster, and the data may be lost when the machine stops.
    """

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True) -> None:
        self._run = RunFolder(folder)
        self._asked_port = port
        self._durable = durable
        self._pid_file = PidFile(self._run.path, NAME)

    @property
    def port(self) -> int:
        """Port it listens on, or did when it last ran."""
        port = self._asked_port or self._run.read_ports().get(NAME)
        if port is None:
            raise StackError("PostgreSQL was never started here.")
        return port

    @property
    def pid(self) -> int | None:
        """Id of the running server."""
        alive = self._pid_file.find_alive()
        return alive.pid if alive else None

    @property
    def data(self) -> Path:
        """Where the data is; the folder is named with PostgreSQL's major version."""
        return self._run.path / f"postgres-{self.programs.major}"

    @cached_property
    def programs(self) -> PostgresPrograms:
        """The installation it is started from."""
        return find_postgres()

    def is_running(self) -> bool:
        """Whether it runs and accepts connections."""
        return self.pid is not None and processes.answers(self.port, *SSL_QUESTION)

    def url(self, user: str, password: str, database: str) -> str:
        """Address for a client."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def superuser_url(self, database: str = "postgres") -> str:
        """Address for whoever makes roles and databases."""
        password = (self.data / PASSWORD_FILE).read_text().strip()
        return self.url(SUPERUSER, password, database)

    def start(self) -> bool:
        """Start it unless it runs; True if it was started."""
        with self._run.lock(NAME):
            processes.wait_until(lambda: self.pid is None or self.is_running(), timeout=30)
            if self.is_running():
                return False
            data = self.data
            account = choose_account(data)
            programs = find_postgres(account)
            _Cluster(data, programs, account, durable=self._durable).prepare()
            self._launch(programs, data.resolve(), account)
            return True

    def stop(self) -> bool:
        """Stop it, open connections or not; True if it ran."""
        with self._run.lock(NAME):
            # SIGINT is the fast shutdown: it waits for no client, yet leaves nothing to recover.
            was_running = self._pid_file.stop(grace=30, first=signal.SIGINT)
            if self.data.exists():
                _clear_remains(self.data.resolve())
            return was_running

    def _launch(self, programs: PostgresPrograms, data: Path, account: Account | None) -> None:
        for port in self._run.propose_ports(NAME, self._asked_port):
            self._run.remember_port(NAME, port)
            pid = processes.spawn(
                [programs / "postgres", "-D", data, "-p", str(port), *self._list_settings(data)],
                log=self._run.log(NAME),
                cwd=Path("/"),
                env=_clean_environment(data),
                account=account,
            )
            self._pid_file.write(pid)
            if _wait_until_ready(data, pid):
                return
            self._pid_file.end_session()
            _clear_remains(data)
            if is_port_free(port):
                break
        tail = read_tail(self._run.log(NAME))
        raise StackError(f"PostgreSQL did not start. The end of its log:\n{tail}")

    def _list_settings(self, data: Path) -> list[str]:
        # The path of a socket may have 107 bytes; with a longer one, TCP alone must do.
        has_socket = len(os.fsencode(data)) <= SOCKET_PATH_LIMIT
        settings = {**SETTINGS, "unix_socket_directories": f'"{data}"' if has_socket else ""}
        if sys.platform == "linux":
            # After a crash, one call for the whole disk in place of one for each small file.
            settings["recovery_init_sync_method"] = "syncfs"
        if not self._durable:
            settings |= NOT_DURABLE
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


class _Cluster:
    """The data folder: made once, with a superuser whose password lies beside the data."""

    def __init__(
        self, data: Path, programs: PostgresPrograms, account: Account | None, *, durable: bool
    ) -> None:
        self._data = data
        self._programs = programs
        self._account = account
        self._durable = durable

    def prepare(self) -> None:
        """Make the data folder if there is none, and clear away what a crash has left in it."""
        if not (self._data / "PG_VERSION").exists():
            self._create()
        _clear_remains(self._data.resolve())

    def _create(self) -> None:
        place = self._find_place()
        new = place.with_name(f"{place.name}.new")
        # What an interrupted attempt has left.
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        self._hand_over(new)
        self._run_initdb(new)
        new.rename(place)
        if place != self._data:
            self._data.unlink(missing_ok=True)
            self._data.symlink_to(place)

    def _find_place(self) -> Path:
        if can_enter(self._data.parent, self._account):
            return self._data
        # A link in the run folder leads to data elsewhere; without the link, the run folder was
        # thrown away, and its data with it.
        name = hashlib.sha256(str(self._data.parent).encode()).hexdigest()[:12]
        place = make_shared_folder() / f"data-{name}" / self._data.name
        place.parent.mkdir(mode=0o755, exist_ok=True)
        place.parent.chmod(0o755)
        if place.exists():
            _clear_remains(place)
            shutil.rmtree(place)
        return place

    def _run_initdb(self, folder: Path) -> None:
        password = secrets.token_urlsafe(24)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(password)
            file.flush()
            self._hand_over(Path(file.name))
            command: list[str | Path] = [
                *(self._programs / "initdb", "-D", folder, f"--pwfile={file.name}"),
                *("-U", SUPERUSER, "--auth=scram-sha-256", "--no-instructions"),
                *("--encoding=UTF8", "--locale=C", *self._list_locale_options()),
                *([] if self._durable else ["--no-sync"]),
            ]
            self._run(command, folder)
        secret = folder / PASSWORD_FILE
        secret.touch(mode=0o600)
        secret.write_text(password)
        self._hand_over(secret)

    def _run(self, command: list[str | Path], folder: Path) -> None:
        done = subprocess.run(
            command,
            cwd="/",
            env=_clean_environment(folder),
            capture_output=True,
            text=True,
            check=False,
            **as_account(self._account),
        )
        if done.returncode:
            raise StackError(f"PostgreSQL could not make its data folder:\n{done.stderr.strip()}")

    def _list_locale_options(self) -> list[str]:
        # Built in since 17: the same order and letter case on every machine.
        if int(self._programs.major) < 17:
            return []
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def _hand_over(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.uid, self._account.gid)


def _clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's environment (PGDATA, LANG, …) may change the server."""
    return {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C"}


def _wait_until_ready(data: Path, pid: int) -> bool:
    """Whether this very process reports itself ready before it dies."""

    def is_settled() -> bool:
        return _read_state(data) == (pid, "ready") or processes.look_up(pid) is None

    # Recovery after a crash may take a while; it is reported as another state.
    processes.wait_until(is_settled, timeout=120)
    return _read_state(data) == (pid, "ready") and processes.look_up(pid) is not None


def _read_state(data: Path) -> tuple[int, str] | None:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    except (OSError, IndexError, ValueError):
        return None


def _clear_remains(data: Path) -> None:
    """End the processes of a server whose head was killed, and remove its lock files.

    PostgreSQL takes its lock files for valid when their process id was given to another program.
    """
    processes.kill_all(processes.list_working_in(data))
    for file in [data / "postmaster.pid", *data.glob(".s.PGSQL.*")]:
        file.unlink(missing_ok=True)
