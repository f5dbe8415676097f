"""The repository keeps its own shape."""

import importlib
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, files, place

GENERATED = (
    "/migrations/",
    "openapi",
    "package-lock.json",
    "components.d.ts",
    "auto-imports.d.ts",
    "/docs/api/",
    ".gen.ts",
)


def test_platform_is_a_source_root_and_no_package():
    assert not list((ROOT / "platform").glob("*.py"))
    assert Path(platform.__file__).parent == Path(importlib.import_module("os").__file__).parent


def test_nothing_of_ours_bears_a_name_of_the_standard_library():
    roots = [folder for root in (ROOT, ROOT / "platform") for folder in root.iterdir()]
    names = {folder.name for folder in roots if (folder / "__init__.py").exists()}
    assert names & set(sys.stdlib_module_names) == set()
    assert set(PACKAGES) <= names


@pytest.mark.parametrize("name", PACKAGES)
def test_our_packages_are_imported_from_this_checkout(name):
    assert ROOT in Path(importlib.import_module(name).__file__).parents


def test_every_folder_of_tests_is_a_package_named_after_what_it_tests():
    folders = {path.parent for path in files(".py", under="tests")}
    assert [place(f) for f in folders if not (f / "__init__.py").exists()] == []
    assert not (ROOT / "tests" / "platform").exists()


def test_no_file_is_longer_than_400_lines():
    long = {}
    for path in files(".py", ".ts", ".vue", ".css", ".html", ".mjs", ".sh", ".yaml", ".toml"):
        text = place(path)
        if "locale" in path.parts or any(mark in f"/{text}" for mark in GENERATED):
            continue
        lines = len(path.read_text().splitlines())
        if lines > 400:
            long[text] = lines
    assert long == {}


def test_no_vue_component_is_longer_than_250_lines():
    lengths = {place(p): len(p.read_text().splitlines()) for p in files(".vue", under="frontend")}
    assert {name: lines for name, lines in lengths.items() if lines > 250} == {}


def test_imports_obey_the_contracts_of_pyproject():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
