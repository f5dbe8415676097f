"""How the tests are shared out among pytest's workers."""

from types import SimpleNamespace

import pytest

from tests.e2e.scheduling import FOLDER, TogetherScheduling

END_TO_END = [f"{FOLDER}test_{name}.py::test_it" for name in ("console", "member", "pages")]
OTHERS = [f"tests/ledger/test_holds.py::test_{number}" for number in range(6)]
COLLECTED = [*OTHERS[:2], *END_TO_END, *OTHERS[2:]]
CONFIG = SimpleNamespace(
    getvalue={"tx": ["2*popen"]}.get, option=SimpleNamespace(loadscopereorder=True)
)


class Worker:
    """Stands in for a process: notes what it is told to run."""

    gateway = SimpleNamespace(id="a worker")

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.waiting: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.waiting += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_one_worker_gets_all_end_to_end_tests_and_gets_them_first() -> None:
    scheduling, workers = TogetherScheduling(CONFIG), [Worker(), Worker()]
    for worker in workers:
        scheduling.add_node(worker)
        scheduling.add_node_collection(worker, COLLECTED)
    scheduling.schedule()
    while any(worker.waiting for worker in workers):
        for worker in filter(lambda one: one.waiting, workers):
            index = worker.waiting.pop(0)
            worker.ran.append(COLLECTED[index])
            scheduling.mark_test_complete(worker, index)
    first, second = (worker.ran for worker in workers)
    assert first[:3] == END_TO_END
    assert set(second) <= set(OTHERS)
    assert sorted(first + second) == sorted(COLLECTED)


def test_pytest_is_told_so(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("tests.e2e.scheduling")
