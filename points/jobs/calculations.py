"""How long a job may be silent, how often it is begun, how far it is."""

from datetime import timedelta
from typing import NamedTuple

# A runner says that it lives with each `advance`; after so long without, its worker counts as dead.
SILENT_FOR = timedelta(minutes=2)
ATTEMPTS_AT_MOST = 5
# Finished jobs are remembered so long.
KEPT = timedelta(days=90)


class Asker(NamedTuple):
    """Who asked for a job: `staff:<id>` or `key:<prefix>`, and a name for people."""

    id: str
    name: str


def progress_of(*, done: int, total: int, is_done: bool) -> int:
    """Whole per cent, rounded down, so that 100 means finished; 0 while the total is not known."""
    if is_done:
        return 100
    return min(99, done * 100 // total) if total else 0
