"""Which browser the end-to-end tests use, and how it is started.

In turn: $E2E_CHROMIUM, one on PATH, Playwright's own download, and the one from npm that
`make test` unpacks where it may install nothing in the system. Needs nothing but Python, so that
the preparation can ask the same question before the environment is there.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "browser"
NAMES = (
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
)
MISSING = (
    "no browser for the end-to-end tests: as root run `apt-get install chromium-headless-shell "
    "fonts-wqy-microhei`, or set E2E_CHROMIUM to the path of a Chromium"
)


def find_browser() -> dict[str, Any] | None:
    """What Playwright's `launch` needs to start it; None if there is no browser."""
    if program := os.environ.get("E2E_CHROMIUM") or _find_on_path():
        return {"executable_path": program}
    if _has_playwright_download():
        return {}
    return _find_unpacked()


def launch_options(defaults: dict[str, Any]) -> dict[str, Any] | None:
    """The defaults of pytest-playwright, completed; None if there is no browser."""
    found = find_browser()
    if found is None:
        return None
    env = {**os.environ, **found.get("env", {})}
    if (CACHE / "fonts.conf").exists():
        env["FONTCONFIG_FILE"] = str(CACHE / "fonts.conf")
    # Chromium refuses to build its sandbox as root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = [*defaults.get("args", []), *ARGUMENTS, *sandbox]
    return {**defaults, **found, "env": env, "args": arguments}


def _find_on_path() -> str | None:
    for name in NAMES:
        program = shutil.which(name)
        # Ubuntu's is a stub that only tells how to install a snap.
        if program and _runs(program):
            return program
    return None


def _runs(program: str) -> bool:
    done = subprocess.run([program, "--version"], capture_output=True, check=False)
    return done.returncode == 0


def _has_playwright_download() -> bool:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    place = Path(folder) if folder else Path.home() / ".cache" / "ms-playwright"
    return any(place.glob("chromium*"))


def _find_unpacked() -> dict[str, Any] | None:
    try:
        found = json.loads((CACHE / "browser.json").read_text())
    except (OSError, ValueError):
        return None
    if not Path(found["path"]).exists():
        return None
    return {"executable_path": found["path"], "env": {"LD_LIBRARY_PATH": found["libs"]}}
