"""`manage.py status`: what of the stack runs."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from devstack.command import StackCommand
from devstack.runfolder import RunFolder
from devstack.status import format_table, list_rows


class Command(StackCommand):
    """Prints a table; exit code 1 when something is down."""

    help = "Show what of the stack runs; exit code 1 when something is down."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the same for programs."""
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print the rows as JSON")

    def work(self, run: RunFolder, options: dict[str, Any]) -> None:
        """Print the rows."""
        rows = list_rows(run)
        as_json = json.dumps([asdict(row) for row in rows], indent=2)
        self.say(as_json if options["json"] else format_table(rows))
        if any(row.state.endswith("down") for row in rows):
            sys.exit(1)
