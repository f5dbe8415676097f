"""Failures on demand: the answers that a network and a busy server give."""

import threading
from dataclasses import dataclass


@dataclass
class Fault:
    """What happens to the next `times` requests whose method and path fit.

    mode `error`: answered with `status`, nothing done · `lost`: done, and the connection is cut
    before the answer · `slow`: done after `seconds`.
    """

    path: str
    mode: str
    method: str = "POST"
    status: int = 500
    seconds: float = 0
    times: int = 1


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, **fields: object) -> None:
        """One more. Raises TypeError for a word that is no field."""
        with self._lock:
            self._waiting.append(Fault(**fields))  # type: ignore[arg-type]

    def clear(self) -> None:
        """None are to happen any more."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of a request, used up once."""
        with self._lock:
            for fault in self._waiting:
                if fault.times > 0 and fault.method == method and path.startswith(fault.path):
                    fault.times -= 1
                    return fault
        return None
