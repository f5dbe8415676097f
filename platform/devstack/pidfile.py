"""What the run folder remembers of a service: `web.pid`, and beside it how to know it again."""

import json
import signal
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from devstack import processes


@dataclass(frozen=True)
class Record:
    """A service as it was started; `fingerprint` names the settings and code it runs with."""

    pid: int
    started: str
    fingerprint: str


class PidFile:
    """`<name>.pid` holds the bare id for people and scripts; `<name>.process.json` the rest."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.pid"
        self._details = folder / f"{name}.process.json"

    def write(self, pid: int) -> None:
        """Remember the process that has just been started."""
        process = processes.look_up(pid)
        record = Record(pid, process.started if process else "", fingerprint="")
        self._details.write_text(json.dumps(asdict(record)))
        self.path.write_text(f"{pid}\n")

    def confirm(self, fingerprint: str) -> None:
        """Remember what it runs with, once it works: until then it is to be started anew."""
        if record := self.read():
            self._details.write_text(json.dumps(asdict(replace(record, fingerprint=fingerprint))))

    def read(self) -> Record | None:
        """What was remembered, whether or not it still lives."""
        try:
            return Record(**json.loads(self._details.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def find_alive(self) -> Record | None:
        """The remembered process, if it lives and its id was not given to another one."""
        record = self.read()
        process = processes.look_up(record.pid) if record else None
        return record if record and process and process.started == record.started else None

    def stop(self, *, grace: float, first: signal.Signals = signal.SIGTERM) -> bool:
        """Ask the process to end, end by force what is left of its session; True if it lived."""
        alive = self.find_alive()
        if alive:
            processes.send(alive.pid, first)
            processes.wait_until(lambda: self.find_alive() is None, timeout=grace)
        self.end_session()
        self.path.unlink(missing_ok=True)
        self._details.unlink(missing_ok=True)
        return alive is not None

    def end_session(self) -> None:
        """Kill what the remembered process has forked and left behind, and itself."""
        record = self.read()
        if record is None:
            return
        leader = processes.look_up(record.pid)
        if leader and leader.started != record.started:
            return  # The id belongs to somebody else by now, so our session is gone.
        processes.kill_all([process.pid for process in processes.list_session(record.pid)])
