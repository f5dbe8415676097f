"""What the stack's management commands share."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from devstack.errors import StackError
from devstack.runfolder import RunFolder, default_run_dir


class StackCommand(BaseCommand, ABC):
    """A command about the stack in a run folder; works while everything is down."""

    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the caller name the run folder."""
        parser.add_argument(
            "--run-dir",
            type=Path,
            default=default_run_dir(),
            help="state folder of the stack (default: $JIFEN_RUN_DIR, else .run)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn what can go wrong into one message without a traceback."""
        try:
            self.work(RunFolder(options["run_dir"]), options)
        except StackError as error:
            raise CommandError(str(error)) from None

    @abstractmethod
    def work(self, run: RunFolder, options: dict[str, Any]) -> None:
        """What the command does."""

    def say(self, text: str) -> None:
        """Print a line at once, for whoever waits."""
        self.stdout.write(text)
        self.stdout.flush()
