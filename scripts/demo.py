"""The product with its demo shops: `.venv/bin/python -m scripts.demo [--background]`."""

import contextlib
import signal
import subprocess
import sys
from types import FrameType

from scripts.steps import ROOT, VENV_PYTHON, say

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def manage(*words: str) -> int:
    """Run a management command in view of the user; its exit code."""
    command = [str(VENV_PYTHON), "manage.py", *words]
    # In a session of its own: Ctrl-C comes to this process alone, which then ends the command.
    return subprocess.run(command, cwd=ROOT, start_new_session=True, check=False).returncode


def bring_up() -> int:
    """Start the stack and fill it with the demo, which prints its addresses and sign-ins."""
    return manage("up") or manage("load_demo")


def stay() -> int:
    """Keep the stack up until the user ends it."""
    # Also Ctrl-C itself: a shell that starts jobs in the background makes them ignore it.
    for number in ENDINGS:
        signal.signal(number, _interrupt)
    code = 0
    try:
        code = bring_up()
        if code == 0:
            say("\nPress Ctrl-C to stop.")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except KeyboardInterrupt:
        code = 130
    finally:
        # A second Ctrl-C must not leave half of the stack behind.
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        say("")
        manage("down")
    return code


def go_to_background() -> int:
    """Leave the stack running."""
    try:
        return bring_up()
    except KeyboardInterrupt:
        say("\nInterrupted; `make down` stops what has been started.")
        return 130


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(go_to_background() if "--background" in sys.argv else stay())
