"""The Python environment `.venv`, made from the lock files in requirements/."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.steps import (
    CACHE,
    ROOT,
    VENV,
    VENV_PYTHON,
    Failure,
    apt_install,
    hash_files,
    is_root_on_debian,
    run,
    succeeds,
)

SOURCES = ("platform", "tenants", "billing", "points")
STATE = VENV / "jifen-locks.json"
OLDEST_PYTHON = (3, 11)
# The lock for developers holds everything that the one for the demo does.
INCLUDED_IN = {"demo": ("demo", "dev"), "dev": ("dev",)}
INDEX_ADVICE = (
    "Could not install the Python packages: check the network and pip's index settings "
    "(`pip config list`), then run make again."
)


def make_venv() -> bool:
    """Make `.venv`, or make it anew when it was moved or its Python is gone."""
    if VENV_PYTHON.exists() and _is_at_home() and succeeds([VENV_PYTHON, "-c", ""]):
        return False
    if sys.version_info < OLDEST_PYTHON:
        raise Failure("Install Python 3.11 or newer, or name one: `make PYTHON=/path/to/python3`.")
    if importlib.util.find_spec("ensurepip") is None:
        _install_ensurepip()
    advice = "Could not make .venv: check that the folder can be written to, then run make again."
    run([sys.executable, "-m", "venv", "--clear", VENV], advice=advice)
    return True


def install_packages(kind: str) -> bool:
    """Bring `.venv` to the lock file requirements/<kind>.txt."""
    locks = _read_locks()
    if any(locks.get(name) == _hash_lock(name) for name in INCLUDED_IN[kind]):
        return False
    lock = ROOT / "requirements" / f"{kind}.txt"
    if not _install_with_uv(lock):
        _pip("install", "--require-hashes", "--requirement", str(lock))
    STATE.write_text(json.dumps({**locks, kind: _hash_lock(kind)}, indent=2) + "\n")
    return True


def link_project() -> bool:
    """Let `.venv` find the project's packages, after the standard library and all others."""
    lines = f"{ROOT}\n{ROOT / 'platform'}\n"
    folders = list(VENV.glob("lib/python3*/site-packages"))
    stale = [folder for folder in folders if not _has_text(folder / "jifen.pth", lines)]
    for folder in stale:
        (folder / "jifen.pth").write_text(lines)
    return bool(stale)


def compile_project() -> bool:
    """Compile our own sources once, or each process would where Python may not write by itself."""
    command = [VENV_PYTHON, "-m", "compileall", *SOURCES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "Compiling" in done.stdout


def _install_ensurepip() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    advice = (
        f"This Python cannot make environments: run `apt-get install python{version}-venv` "
        "as root, then run make again."
    )
    if not is_root_on_debian():
        raise Failure(advice)
    apt_install(f"python{version}-venv", advice=advice)


def _is_at_home() -> bool:
    """Programs in a virtual environment hold its path: a copy of one elsewhere does not work."""
    config = VENV.joinpath("pyvenv.cfg").read_text()
    commands = [line for line in config.splitlines() if line.startswith("command = ")]
    return all(line.endswith(f" {VENV}") for line in commands)


def _read_locks() -> dict[str, str]:
    try:
        locks: dict[str, str] = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return locks


def _hash_lock(kind: str) -> str:
    return hash_files([ROOT / "requirements" / f"{kind}.txt"])


def _has_text(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


def _pip(*words: str) -> str:
    return run(
        [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", *words], advice=INDEX_ADVICE
    )


def _install_with_uv(lock: Path) -> bool:
    """Whether uv, several times as fast as pip, was to be had and could reach the packages."""
    uv = _find_uv()
    if uv is None:
        return False
    options, env = _translate_pip_settings()
    command: list[str | Path] = [uv, "pip", "install", "--python", VENV_PYTHON, "--require-hashes"]
    try:
        # Compiled at once, as pip does: else every start of Django compiles what it imports.
        run([*command, "--compile-bytecode", *options, "-r", lock], env=env, advice="")
    except Failure:
        return False
    return True


def _find_uv() -> Path | None:
    own = CACHE / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), own):
        if candidate and succeeds([candidate, "--version"]):
            return Path(candidate)
    lock = ROOT / "scripts" / "uv.txt"
    try:
        _pip("install", "--target", str(CACHE / "uv"), "--require-hashes", "-r", str(lock))
    except Failure:
        return None
    return own if succeeds([own, "--version"]) else None


def _translate_pip_settings() -> tuple[list[str], dict[str, str]]:
    """uv does not read pip's settings: hand them over as options and variables of its own."""
    settings = _read_pip_settings()
    options = ["--index-strategy", "unsafe-best-match"]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    for name, option in (
        ("index-url", "--default-index"),
        ("extra-index-url", "--index"),
        ("find-links", "--find-links"),
        ("trusted-host", "--allow-insecure-host"),
    ):
        for value in settings.get(name, "").split():
            options += [option, value]
    env = {"UV_HTTP_TIMEOUT": settings.get("timeout", "60")}
    if cert := settings.get("cert"):
        env["SSL_CERT_FILE"] = os.environ.get("SSL_CERT_FILE", cert)
    if proxy := settings.get("proxy"):
        env["ALL_PROXY"] = proxy
    return options, env


def _read_pip_settings() -> dict[str, str]:
    settings = {}
    for line in _pip("config", "list").splitlines():
        name, separator, value = line.partition("=")
        if separator and value[:1] in "'\"":
            # Later lines win, as in pip: those of the environment come last.
            settings[name.rpartition(".")[2].removeprefix("default-")] = ast.literal_eval(value)
    return settings
