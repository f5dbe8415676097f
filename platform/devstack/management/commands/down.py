"""`manage.py down`: stop what `up` has started."""

from typing import Any

from devstack.command import StackCommand
from devstack.runfolder import RunFolder
from devstack.stack import Stack


class Command(StackCommand):
    """Stops the stack; its data stays."""

    help = "Stop the stack. The data stays in the run folder."

    def work(self, run: RunFolder, options: dict[str, Any]) -> None:
        """Stop it and say what ran."""
        stopped = Stack(run, self.say).down() if run.path.is_dir() else []
        self.say(f"Stopped: {', '.join(stopped)}" if stopped else "Nothing was running.")
