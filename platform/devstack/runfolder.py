"""The run folder (`.run/`): settings, ports, pid files and logs of one stack."""

import contextlib
import fcntl
import json
import os
import random
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from devstack.errors import PortTaken
from devstack.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
# Below the range from which the kernel takes ports for outgoing connections.
PORT_RANGE = (20_000, 32_000)


def default_run_dir() -> Path:
    """$JIFEN_RUN_DIR, or `.run` in the project."""
    return Path(os.environ.get("JIFEN_RUN_DIR") or ROOT / ".run").absolute()


class RunFolder:
    """State of one stack on disk; safe to use from several processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Let one process at a time start or stop `name`."""
        self.path.mkdir(parents=True, exist_ok=True)
        with self.path.joinpath(f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def log(self, name: str) -> Path:
        """Log file of a service, in a folder that is there."""
        folder = self.path / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    def read_env(self) -> dict[str, str]:
        """KEY=VALUE lines of the file `env`."""
        file = self.path / "env"
        lines = file.read_text().splitlines() if file.exists() else []
        pairs = (line.partition("=") for line in lines if not line.startswith("#"))
        return {name: value for name, separator, value in pairs if separator}

    def write_env(self, values: Mapping[str, str]) -> None:
        """Write the file `env`, readable by its owner alone: it holds secrets."""
        text = "".join(f"{name}={value}\n" for name, value in values.items())
        self._replace(self.path / "env", text, mode=0o600)

    def read_ports(self) -> dict[str, int]:
        """Remembered port of each service."""
        try:
            ports: dict[str, int] = json.loads(self.path.joinpath("ports.json").read_text())
        except (OSError, ValueError):
            return {}
        return ports

    def remember_port(self, service: str, port: int) -> None:
        """Keep the port, so that the next start uses it again."""
        with self.lock("ports"):
            self._write_ports(self.read_ports() | {service: port})

    def forget_port(self, service: str) -> None:
        """Let the next start choose again."""
        with self.lock("ports"):
            ports = self.read_ports()
            if ports.pop(service, None):
                self._write_ports(ports)

    def propose_ports(self, service: str, asked: int | None) -> list[int]:
        """Ports to try in turn: the one asked for alone, else the remembered one, else others."""
        if asked:
            if not becomes_free(asked):
                raise PortTaken(f"Port {asked} is taken by another program.")
            return [asked]
        remembered = self.read_ports().get(service)
        first = [remembered] if remembered and becomes_free(remembered) else []
        return [*first, pick_free_port(), pick_free_port()]

    def _write_ports(self, ports: Mapping[str, int]) -> None:
        self._replace(self.path / "ports.json", json.dumps(ports, indent=2) + "\n")

    def _replace(self, file: Path, text: str, *, mode: int = 0o644) -> None:
        new = file.with_name(f"{file.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as output:
            output.write(text)
        new.replace(file)


def is_port_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address."""
    with socket.socket() as probe:
        # As servers do: connections that are winding down do not keep a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def becomes_free(port: int) -> bool:
    """Whether the port is free, if need be in a moment.

    The threads of a killed server may hold its port a little longer than it shows in the list of
    processes.
    """
    return wait_until(lambda: is_port_free(port), timeout=0.5)


def is_listening(host: str, port: int) -> bool:
    """Whether somebody answers there."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def pick_free_port() -> int:
    """Some free port."""
    while not is_port_free(port := random.randrange(*PORT_RANGE)):
        pass
    return port


def read_tail(file: Path, lines: int = 25) -> str:
    """Last lines of a log."""
    if not file.exists():
        return ""
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - 64_000))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
