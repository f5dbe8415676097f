"""`manage.py up`: start the stack in the background, or whatever of it has died."""

from typing import Any

from django.core.management.base import CommandParser

from devstack.command import StackCommand
from devstack.environment import read_given
from devstack.runfolder import RunFolder
from devstack.stack import Stack


class Command(StackCommand):
    """Starts PostgreSQL, Valkey, the stand-in for Stripe, web, worker, jobs and beat."""

    help = (
        "Start the whole stack in the background and wait until it is ready; run again, it "
        "restarts only what has died. DATABASE_URL, CELERY_BROKER_URL and STRIPE_API_KEY name "
        "servers to use in place of the embedded ones."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the caller choose the web server's port."""
        super().add_arguments(parser)
        parser.add_argument(
            "--port", type=int, help="port of the web server (default: $JIFEN_PORT, else 8000)"
        )

    def work(self, run: RunFolder, options: dict[str, Any]) -> None:
        """Bring it up and print where it answers."""
        self.say("Starting the stack")
        port = Stack(run, self.say).up(read_given(), options["port"])
        base = f"http://{run.read_env()['JIFEN_BASE_DOMAIN']}:{port}"
        self.say(f"Ready: {base}/  (logs in {run.path / 'logs'})")
