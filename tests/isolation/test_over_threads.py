"""Calls of two shops at the same moment, through the whole application."""

from tests.partner.calls import API
from tests.support.http import Http, partner_client
from tests.support.merchants import drop_merchant, open_merchant
from tests.support.races import together


def test_calls_of_two_shops_at_once_are_answered_from_their_own(fresh_shop):
    other = open_merchant("fother", currency="USD")
    try:
        keys = [partner_client(merchant) for merchant in (fresh_shop, other)]
        for i, api in enumerate(keys):
            assert api.post(f"{API}/members", {"external_id": f"of-{i}"}).status == 201

        def job(i):
            api = Http(keys[i % 2].host, **keys[i % 2].headers)
            told = [api.get(f"{API}/members").json["items"] for _ in range(4)]
            return {row["external_id"] for items in told for row in items}

        results = together(24, job, merchant=fresh_shop)
        assert results == [{f"of-{i % 2}"} for i in range(24)]
    finally:
        drop_merchant(other)
