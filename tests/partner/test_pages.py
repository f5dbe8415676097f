"""Lists are cut by a cursor: nothing comes twice and nothing is left out."""

import pytest

from points.members.actions import add_missing
from tests.partner.calls import API, give, item, refusal, sent


def pages(api, path, limit):
    """Every page, each through the cursor of the one before it."""
    query, found = f"limit={limit}", []
    while True:
        page = sent(api.get(f"{API}/{path}?{query}"), 200)
        found.append([row["id"] for row in page["items"]])
        if page["next"] is None:
            return found
        query = f"limit={limit}&cursor={page['next']}"


@pytest.fixture
def seven(partner, mei, it_is_noon):
    """Seven members, items and transactions; three transactions at the same moment."""
    for i in range(7):
        if i not in (3, 4):
            it_is_noon.shift(1)
        give(partner, 10 + i)
        item(partner, title=f"Mug {i}")
        if i:
            sent(partner.post(f"{API}/members", {"external_id": f"m{i}"}))
    return mei


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_pages_of_any_size_hold_everything_once_and_in_order(partner, seven, limit):
    for path in ("members", "mall-items", f"members/{seven.pk}/transactions"):
        (whole,) = pages(partner, path, 100)
        assert len(whole) == 7
        found = pages(partner, path, limit)
        assert sum(found, []) == whole
        assert all(len(page) == limit for page in found[:-1])
        assert len(found) == -(-7 // limit)


def test_what_arrives_meanwhile_neither_repeats_nor_hides(partner, seven):
    first = sent(partner.get(f"{API}/mall-items?limit=3"), 200)
    newer = item(partner, title="Newer")
    rest = sent(partner.get(f"{API}/mall-items?limit=100&cursor={first['next']}"), 200)["items"]
    ids = [row["id"] for row in first["items"] + rest]
    assert len(set(ids)) == len(ids) == 7 and newer["id"] not in ids


def test_twenty_rows_unless_told_otherwise(partner, shop, noon):
    add_missing(external_ids=[f"m{i:03}" for i in range(25)], at=noon)
    page = sent(partner.get(f"{API}/members"), 200)
    assert len(page["items"]) == 20 and page["next"]
    assert len(sent(partner.get(f"{API}/members?limit=100"), 200)["items"]) == 25


def test_filters_hold_on_every_page(partner, seven):
    for i in range(3):
        sent(partner.post(f"{API}/members", {"external_id": f"v{i}", "tags": ["vip"]}))
    assert [len(page) for page in pages(partner, "members?tag=vip&x=".split("?")[0], 100)] == [10]
    first = sent(partner.get(f"{API}/members?tag=vip&limit=2"), 200)
    second = sent(partner.get(f"{API}/members?tag=vip&limit=2&cursor={first['next']}"), 200)
    names = [row["external_id"] for row in first["items"] + second["items"]]
    assert (names, second["next"]) == (["v0", "v1", "v2"], None)


def test_a_cursor_of_another_list_is_refused_or_harmless(partner, seven):
    of_members = sent(partner.get(f"{API}/members?limit=1"), 200)["next"]
    path = f"members/{seven.pk}/transactions"
    refusal(partner.get(f"{API}/{path}?cursor={of_members}"), 400, "api.invalid_cursor")
    of_rows = sent(partner.get(f"{API}/{path}?limit=1"), 200)["next"]
    refusal(partner.get(f"{API}/members?cursor={of_rows}"), 400, "api.invalid_cursor")
