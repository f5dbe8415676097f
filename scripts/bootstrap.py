"""Prepares everything a fresh checkout needs: `python3 -m scripts.bootstrap demo|dev`.

Done again, it finds each thing in place and asks nobody on the network.
"""

import argparse
import sys

from scripts import browser, environment, frontend
from scripts.steps import Failure, say, step


def prepare(kind: str) -> None:
    """Make the environment; for the demo build the front ends, which `make test` does later."""
    step("Python environment (.venv)", environment.make_venv)
    step(f"Python packages ({kind}.txt)", lambda: environment.install_packages(kind))
    step("project on Python's path", environment.link_project)
    step("project compiled", environment.compile_project)
    if frontend.exists():
        step("Node packages", frontend.install_packages)
        if kind == "demo":
            step("front ends", frontend.build)


def prepare_browser() -> None:
    """Get a browser; without one the end-to-end tests alone cannot run, and they say so."""
    try:
        step("browser for the tests", browser.install_browser)
        step("Chinese font for the browser", browser.install_font)
    except Failure as failure:
        say(str(failure))


def main() -> int:
    """Prepare what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["demo", "dev"], help="which lock file to install")
    parser.add_argument("--browser", action="store_true", help="also a browser for the tests")
    arguments = parser.parse_args()
    say("Preparing")
    try:
        prepare(arguments.kind)
        if arguments.browser:
            prepare_browser()
    except Failure as failure:
        sys.stderr.write(f"\n{failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted; run make again to go on.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
