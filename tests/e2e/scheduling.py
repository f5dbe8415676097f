"""One worker runs all end-to-end tests, with one stack. Loaded by pytest (`-p tests.e2e.scheduling`).

`--dist loadgroup` would say the same, but xdist 3.8 writes the group where pytest 9.2 does not
look for it, and then every worker starts a stack of its own.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

FOLDER = "tests/e2e/"


class TogetherScheduling(LoadScopeScheduling):
    """The end-to-end tests are one portion, every other test is one by itself.

    The largest portion is handed out first, so that nobody waits for it at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        return FOLDER if nodeid.startswith(FOLDER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """xdist asks for a scheduler; whatever `--dist` says, it is this one."""
    return TogetherScheduling(config, log)
