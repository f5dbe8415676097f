"""A run folder whose servers are stopped afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.postgres import PostgresServer
from devstack.runfolder import RunFolder
from devstack.valkey import ValkeyServer


@pytest.fixture
def folder() -> Iterator[Path]:
    """Unlike pytest's own, one that PostgreSQL's account may enter when root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="jifen-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def run(folder: Path) -> RunFolder:
    return RunFolder(folder)


@pytest.fixture
def postgres(folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(folder, durable=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(folder: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(folder)
    yield server
    server.stop()
