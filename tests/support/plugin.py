"""Loaded by pytest before Django's settings are (`-p tests.support.plugin`): servers first."""

import os
import sys
from pathlib import Path

_PLATFORM = str(Path(__file__).resolve().parents[2] / "platform")
if _PLATFORM not in sys.path:
    sys.path.append(_PLATFORM)

from tests.support import servers  # noqa: E402

servers.start(worker=os.environ.get("PYTEST_XDIST_WORKER", "main"))
