"""Some thousand documents with cancellations over HTTP: every balance as computed beside."""

import pytest
from django_tenants.utils import tenant_context

from points.flows.books_checked import check_books
from tests.replay.documents import make_documents
from tests.replay.replaying import Replay
from tests.support.http import partner_client
from tests.support.merchants import drop_merchant, open_merchant


@pytest.fixture
def shop(django_db_setup, django_db_blocker):
    """A merchant in test mode, whose clock is moved."""
    with django_db_blocker.unblock():
        merchant = open_merchant(
            "replayed", currency="GBP", timezone="Europe/London", mode="test", template="blank"
        )
        yield merchant
        drop_merchant(merchant)


def test_every_balance_of_a_replayed_shop_is_as_computed_beside(shop):
    api = partner_client(shop)

    def call(method, path, body):
        answer = api.call(method, path, body)
        return answer.status, answer.json

    documents = make_documents(limit=1_500)
    result = Replay(call, documents).run()

    assert result.wrong == []
    counts = result.counts
    assert counts["invoices"] > 1_200 and counts["refunds"] > 120 and counts["members"] > 900
    assert counts["pieces never bought here"] > 0 and counts["points owed"] == 0
    assert max(len(one.rows) for one in documents) > 1_000
    with tenant_context(shop):
        assert check_books() == []
