"""The front ends: Node's packages, and the built files that Django serves."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

from scripts.steps import CACHE, ROOT, VENV, Stamp, hash_files, program, run

FRONTEND = ROOT / "frontend"
LEFT_OUT = {"node_modules", "dist", "coverage"}
WRITTEN_BY_TOOLS = (".d.ts", ".tsbuildinfo")


def exists() -> bool:
    """Whether there is a front end."""
    return (FRONTEND / "package.json").exists()


def npm_environment() -> dict[str, str]:
    """Variables that make npm and its scripts use the Node of `.venv`."""
    return {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def install_packages() -> bool:
    """Bring node_modules to package-lock.json."""
    stamp = Stamp(FRONTEND / "node_modules" / ".jifen-stamp")
    manifests = [FRONTEND / "package-lock.json", *_list_manifests()]
    state = hash_files(manifests)
    if stamp.matches(state):
        return False
    advice = (
        "Could not install Node's packages: check the network and npm's registry "
        "(`npm config get registry`), then run make again."
    )
    command = [program("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    run(command, cwd=FRONTEND, env=npm_environment(), advice=advice)
    stamp.write(state)
    return True


def build() -> bool:
    """Build every app whose sources have changed since."""
    stamp = Stamp(CACHE / "stamps" / "frontend")
    state = hash_files(_list_sources())
    if stamp.matches(state) and all(folder.is_dir() for folder in _list_built_folders()):
        return False
    stamp.remove()
    advice = "Could not build the front ends: mend what is named above, then run make again."
    command = [program("npm"), "run", "build"]
    run(command, cwd=FRONTEND, env=npm_environment(), advice=advice)
    stamp.write(state)
    return True


def list_scripts() -> set[str]:
    """Names of the npm scripts."""
    if not exists():
        return set()
    return set(json.loads((FRONTEND / "package.json").read_text()).get("scripts", {}))


def _list_manifests() -> list[Path]:
    parts = (FRONTEND.glob(f"{folder}/*/package.json") for folder in ("apps", "packages"))
    return [FRONTEND / "package.json", *itertools.chain.from_iterable(parts)]


def _list_built_folders() -> list[Path]:
    apps = FRONTEND.glob("apps/*/package.json")
    return [app.parent / "dist" for app in apps if '"build"' in app.read_text()]


def _list_sources() -> Iterator[Path]:
    for parent, folders, names in os.walk(FRONTEND):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        yield from (Path(parent, name) for name in names if not name.endswith(WRITTEN_BY_TOOLS))
