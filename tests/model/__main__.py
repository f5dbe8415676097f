"""`make model`: 10 seeds of 5,000 operations, differing in 0 cases. See docs/how-to/run-the-model.md.

.venv/bin/python -m tests.model [--seed N …] [--steps 5000] [--at-once 2] [--no-shrinking]
"""

import argparse
import io
import os
import subprocess
import sys
import threading
import time

SEEDS, STEPS = 10, 5_000


def main() -> int:
    """Exit code 0 if nothing differs."""
    parser = argparse.ArgumentParser(prog="tests.model", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="*", default=list(range(SEEDS)))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--at-once", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--no-shrinking", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        return _one(asked.one, asked.steps, shrinks=not asked.no_shrinking)
    return _all(asked)


def _all(asked: argparse.Namespace) -> int:
    """Each seed in a process and a database of its own; one bar for all of them."""
    from tqdm import tqdm

    waiting, failed, lock = list(asked.seed), [], threading.Lock()
    started = time.monotonic()
    with tqdm(total=len(waiting) * asked.steps, unit="op", smoothing=0.05) as bar:

        def work() -> None:
            while True:
                with lock:
                    if not waiting:
                        return
                    seed = waiting.pop(0)
                said = _run_one(seed, asked, bar, lock)
                with lock:
                    bar.write(said[1])
                    if said[0]:
                        failed.append(seed)

        workers = [threading.Thread(target=work) for _ in range(max(1, asked.at_once))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    seconds = time.monotonic() - started
    print(  # noqa: T201
        f"{len(asked.seed)} seeds of {asked.steps} operations in {seconds:.0f} s, "
        f"{len(failed)} differ{': ' + ', '.join(map(str, failed)) if failed else ''}"
    )
    return 1 if failed else 0


def _run_one(seed: int, asked: argparse.Namespace, bar, lock) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.model", "--one", str(seed), "--steps", str(asked.steps)]
    command += ["--no-shrinking"] * asked.no_shrinking
    environment = {**os.environ, "PYTEST_XDIST_WORKER": f"gw{seed % 12}"}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    said = []
    assert running.stdout
    for line in running.stdout:
        if line.startswith("+"):
            with lock:
                bar.update(int(line[1:]))
        else:
            said.append(line)
    return running.wait(), "".join(said).rstrip()


def _one(seed: int, steps: int, *, shrinks: bool) -> int:
    import django
    from django.core.management import call_command

    import tests.support.plugin  # noqa: F401  servers and settings come before Django

    django.setup()
    call_command("migrate_all", verbosity=0, stdout=io.StringIO())
    from tests.model import playing

    done, began = 0, time.monotonic()

    def on_step() -> None:
        nonlocal done
        done += 1
        if done % 50 == 0:
            print("+50", flush=True)  # noqa: T201

    setup, ops, difference = playing.draw_and_play(seed, steps, on_step=on_step)
    if difference is None:
        seconds = time.monotonic() - began
        print(f"seed {seed}: {len(ops)} operations, no difference, {seconds:.0f} s")  # noqa: T201
        return 0
    if shrinks:
        ops, difference = playing.shrink(setup, ops, difference)
    print(playing.report(seed, setup, ops, difference))  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
