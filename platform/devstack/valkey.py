"""One Valkey server on the loopback address: broker and cache, nothing worth keeping."""

import os
import re
import subprocess
from pathlib import Path

from devstack import processes
from devstack.binaries import find_valkey
from devstack.errors import StackError
from devstack.pidfile import PidFile
from devstack.runfolder import RunFolder, read_tail

NAME = "redis"
PING = (b"PING\r\n", b"+PONG")
# Work that must not be lost waits in the database's outbox, so nothing is written to disk here.
SETTINGS = {
    "bind": "127.0.0.1",
    "protected-mode": "yes",
    "daemonize": "no",
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
}


class ValkeyServer:
    """Starts, stops and finds again the server whose state is in `folder`."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self._run = RunFolder(folder)
        self._asked_port = port
        self._pid_file = PidFile(self._run.path, NAME)

    @property
    def port(self) -> int:
        """Port it listens on, or did when it last ran."""
        port = self._asked_port or self._run.read_ports().get(NAME)
        if port is None:
            raise StackError("Valkey was never started here.")
        return port

    @property
    def pid(self) -> int | None:
        """Id of the running server."""
        alive = self._pid_file.find_alive()
        return alive.pid if alive else None

    @property
    def version(self) -> str:
        """Version of the program it is started from."""
        answer = subprocess.run(
            [find_valkey(), "--version"], capture_output=True, text=True, check=False
        ).stdout
        match = re.search(r"v=([\d.]+)", answer)
        return match.group(1) if match else ""

    def is_running(self) -> bool:
        """Whether it runs and answers."""
        return self.pid is not None and processes.answers(self.port, *PING)

    def url(self, database: int = 0) -> str:
        """Address for a client."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> bool:
        """Start it unless it runs; True if it was started."""
        with self._run.lock(NAME):
            processes.wait_until(lambda: self.pid is None or self.is_running(), timeout=10)
            if self.is_running():
                return False
            self._pid_file.end_session()
            program = find_valkey()
            folder = self._run.path / NAME
            folder.mkdir(exist_ok=True)
            for port in self._run.propose_ports(NAME, self._asked_port):
                if self._launch(program, folder, port):
                    return True
        tail = read_tail(self._run.log(NAME))
        raise StackError(f"Valkey did not start. The end of its log:\n{tail}")

    def stop(self) -> bool:
        """Stop it; True if it ran."""
        with self._run.lock(NAME):
            return self._pid_file.stop(grace=10)

    def _launch(self, program: Path, folder: Path, port: int) -> bool:
        self._run.remember_port(NAME, port)
        settings = {**SETTINGS, "dir": str(folder), "port": str(port)}
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        pid = processes.spawn(
            [program, *words],
            log=self._run.log(NAME),
            cwd=folder,
            env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C"},
        )
        self._pid_file.write(pid)
        processes.wait_until(
            lambda: processes.look_up(pid) is None or processes.answers(port, *PING),
            timeout=20,
            pause=0.01,
        )
        return self.is_running()
