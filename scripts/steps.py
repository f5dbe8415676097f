"""Steps of the preparation: one line each, with the time taken."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
SHOWN_LINES = 30


def program(name: str) -> str:
    """Path of a program in `.venv`."""
    return str(VENV / "bin" / name)


class Failure(Exception):
    """A step that failed; the message ends with what to do."""


def say(text: str, end: str = "\n") -> None:
    """Write to the terminal at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def step(title: str, work: Callable[[], bool]) -> None:
    """Do one piece of work, which tells whether there was anything to do."""
    start = time.monotonic()
    say(f"  {title:<34}", end="")
    try:
        did_something = work()
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - start:.1f} s" if did_something else "up to date")


def run(
    command: Sequence[str | Path],
    *,
    advice: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program quietly; if it fails, show the end of its output and what to do."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}\n{advice}") from None
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-SHOWN_LINES:])
        raise Failure(f"$ {' '.join(words)}\n{tail}\n{advice}")
    return done.stdout


def succeeds(command: Sequence[str | Path]) -> bool:
    """Whether a program runs here and ends well."""
    try:
        run(command, advice="")
    except Failure:
        return False
    return True


def hash_files(files: Iterable[Path]) -> str:
    """One hash over the names and the content of these files."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


class Stamp:
    """Remembers which state of its sources something was made from."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def matches(self, value: str) -> bool:
        """Whether it was made from this state."""
        return self._file.exists() and self._file.read_text() == value

    def write(self, value: str) -> None:
        """Remember the state."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(value)

    def remove(self) -> None:
        """Forget it, before work that may be cut short."""
        self._file.unlink(missing_ok=True)


def is_root_on_debian() -> bool:
    """Whether packages of the system may be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str, advice: str) -> None:
    """Install packages of the system, after fetching the lists if they are missing or stale."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    try:
        run(command, env=quiet, advice=advice)
    except Failure:
        run(["apt-get", "update"], env=quiet, advice=advice)
        run(command, env=quiet, advice=advice)
