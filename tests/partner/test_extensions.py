"""Letting points live longer over the partner API, and the notice before they end."""

import pytest

from kernel.models import OutboxEvent
from points.flows.books_checked import check_books
from tests.partner.calls import API, AT, contents, order_body, refusal, sent

PATH, PREVIEW = f"{API}/expiry-extensions", f"{API}/expiry-extension-previews"


@pytest.fixture
def earned(partner, mei):
    """110 points that live to the end of 1 March 2027."""
    sent(partner.post(f"{API}/orders", order_body()))
    return partner


def ends(api, member):
    rows = sent(api.get(f"{API}/members/{member.pk}/lots"), 200)["items"]
    return [row["expires_at"] for row in rows]


def test_an_extension_is_previewed_made_and_noted(earned, mei, shop):
    terms = {"until": "2027-03-31", "member_external_id": "mei"}
    before = contents(shop)
    assert sent(earned.post(PREVIEW, terms), 200) == {
        "members": 1, "lots": 1, "points": 110, "first_expires_at": "2027-03-01T16:00:00Z",
    }  # fmt: skip
    assert contents(shop) == before

    made = sent(earned.post(PATH, {**terms, "reason": "Storm"}))

    assert (made["status"], made["members"], made["lots"], made["points"]) == ("done", 1, 1, 110)
    assert (made["member_id"], made["reason"]) == (str(mei.pk), "Storm")
    assert ends(earned, mei) == ["2027-03-31T16:00:00Z"]
    assert sent(earned.get(f"{PATH}/{made['id']}"), 200) == made
    assert sent(earned.get(PATH), 200)["items"] == [made]
    note = OutboxEvent.objects.get(topic="audit.points.extended")
    assert note.payload["after"]["reason"] == "Storm"
    assert check_books() == []


def test_nothing_ends_sooner(earned, mei):
    made = sent(earned.post(PATH, {"until": "2027-02-01", "reason": "x"}))
    assert (made["lots"], ends(earned, mei)) == (0, ["2027-03-01T16:00:00Z"])


def test_only_what_ends_by_a_day(earned, mei):
    terms = {"until": "2027-06-01", "ending_by": "2027-02-28"}
    assert sent(earned.post(PREVIEW, terms), 200)["lots"] == 0
    assert sent(earned.post(PREVIEW, {**terms, "ending_by": "2027-03-01"}), 200)["lots"] == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"until": "2026-02-28"}, 400, "ledger.extension_too_early"),
        ({"until": "soon"}, 400, "api.invalid_body"),
        ({"until": "9999-12-31"}, 400, "api.invalid_body"),
        ({"reason": ""}, 400, "api.invalid_body"),
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
        ({"points": 1}, 400, "api.invalid_body"),
    ],
)
def test_what_is_refused_changes_nothing(earned, shop, change, status, code):
    before = contents(shop)
    refusal(earned.post(PATH, {"until": "2027-06-01", "reason": "x", **change}), status, code)
    assert contents(shop) == before
    refusal(earned.get(f"{PATH}/nothing"), 404, "ledger.extension_not_found")


def test_a_year_in_a_minute_tells_30_and_7_days_before_and_then_expires(lab):
    """New York, 365 days across both changes of the clocks."""
    sent(lab.post(f"{API}/test-clock", {"now": AT, "run_jobs": True}), 200)
    body = order_body(create_member=True, currency="USD")
    sent(lab.post(f"{API}/orders", body))
    told = []
    for day in ("2027-01-28", "2027-01-29", "2027-02-20", "2027-02-21", "2027-03-01"):
        noon = {"now": f"{day}T12:00:00-05:00", "run_jobs": True}
        sent(lab.post(f"{API}/test-clock", noon), 200)
        told.append(len(notices(lab)))
    # earned on 28 February in New York, gone after 28 February
    assert told == [0, 1, 1, 2, 2]
    assert notices(lab) == [(110, 30, "2027-02-28"), (110, 7, "2027-02-28")]


def notices(api):
    from django_tenants.utils import tenant_context

    from tenants.models import Merchant

    with tenant_context(Merchant.objects.get(slug="lab")):
        rows = OutboxEvent.objects.filter(topic="points.expiring").order_by("id")
        return [
            (row.payload["points"], row.payload["days"], row.payload["expires_date"])
            for row in rows
        ]
