"""Frozen time, members by name, and a second shop in test mode in another time zone."""

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture(autouse=True)
def it_is_noon(noon) -> Iterator[object]:
    """The real clock stands still at noon of 1 March 2026 in Shanghai."""
    with time_machine.travel(noon, tick=False) as clock:
        yield clock


@pytest.fixture(scope="session")
def _lab(_merchants, django_db_blocker):
    from tests.support.merchants import open_merchant

    with django_db_blocker.unblock():
        return open_merchant(
            "lab", name="Lab", currency="USD", timezone="America/New_York", mode="test"
        )


@pytest.fixture
def lab(_lab, db):
    """The partner API of a merchant in test mode, in New York."""
    from tests.partner.calls import caller

    return caller(_lab)


@pytest.fixture
def partner(shop):
    """The tea shop's partner API with a full key; the test stays inside the shop."""
    from tests.partner.calls import caller

    return caller(shop)
