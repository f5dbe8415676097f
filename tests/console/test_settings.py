"""The programme, the brand and the API keys."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from tenants.models import AuditEvent
from tests.console.conftest import API
from tests.support.http import Http, host_of


def test_the_programme_is_read_and_changed_in_part(console, tea):
    before = console.get(f"{API}/program").json
    assert before["point_name"] == "points"
    assert before["earning"]["points_per_step"] == 1

    answer = console.patch(
        f"{API}/program",
        {"earning": {"step_cents": 10_000, "points_per_step": 10}, "offset": {"max_rate": 0.3}},
    )

    assert answer.status == 200
    after = answer.json
    assert after["earning"] == {
        **before["earning"], "step_cents": 10_000, "points_per_step": 10,
    }  # fmt: skip
    assert float(after["offset"]["max_rate"]) == 0.3
    assert after["clawback"] == before["clawback"]
    assert console.get(f"{API}/program").json == after
    # The whole answer can be sent back.
    assert console.patch(f"{API}/program", after).json == after
    with tenant_context(tea):
        note = OutboxEvent.objects.filter(topic="audit.program.changed").first()
        assert note.payload["before"]["earning"]["step_cents"] == 100
        assert note.payload["after"]["earning"]["step_cents"] == 10_000
        assert "clawback" not in note.payload["after"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"earnings": {}}, "earnings"),
        ({"earning": {"steps": 1}}, "earning.steps"),
        ({"earning": {"step_cents": 0}}, "earning.step_cents"),
        ({"earning": {"step_cents": 1.5}}, "earning.step_cents"),
        ({"earning": {"rounding": "up"}}, "earning.rounding"),
        ({"earning": 5}, "earning"),
        ({"expiry": {"policy": "rolling", "months": 0}}, "expiry.months"),
        ({"expiry": {"date": "1231"}}, "expiry.date"),
        ({"offset": {"max_rate": 2}}, "offset.max_rate"),
        ({"offset": {"max_rate": "NaN"}}, "offset.max_rate"),
        ({"expiry": {"date": "13-01"}}, "expiry.date"),
        ({"expiry": {"date": "02-30"}}, "expiry.date"),
        ({"offset": {"max_rate": "a lot"}}, "offset.max_rate"),
        ({"checkin": {"milestones": [{"kind": "continuous", "days": 7}]}},
         "checkin.milestones[0].points"),
        ({"face_value_points_per_unit": 0}, "face_value_points_per_unit"),
        ({"day_start_hour": 24}, "day_start_hour"),
        ({"point_name": " "}, "point_name"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_and_nothing_changes(console, change, field):
    before = console.get(f"{API}/program").json
    answer = console.patch(f"{API}/program", change)
    assert answer.status == 400, answer
    assert answer.code in ("api.invalid_body", "program.settings_contradict")
    assert [error["field"] for error in answer.json["errors"]] == [field], answer
    assert console.get(f"{API}/program").json == before


def test_the_word_for_points_belongs_to_the_readers_language(console):
    answer = console.patch(f"{API}/program", {"point_name": "leaves"})
    assert answer.json["point_name"] == "leaves"
    brand = console.get(f"{API}/brand").json
    assert (brand["point_name_en"], brand["point_name_zh"]) == ("leaves", "积分")


def test_the_brand_is_changed_and_noted(console, tea, owner):
    answer = console.patch(
        f"{API}/brand", {"name": " 青山茶铺 ", "brand_color": "#0E7A48", "logo": "🍵"}
    )
    assert answer.status == 200
    assert answer.json == {
        "name": "青山茶铺", "brand_color": "#0e7a48", "logo": "🍵", "point_name_zh": "积分",
        "point_name_en": "points",
    }  # fmt: skip
    assert console.get(f"{API}/brand").json == answer.json
    assert console.patch(f"{API}/brand", {"logo": None}).json["logo"] is None
    note = AuditEvent.objects.filter(merchant_id=tea.pk).order_by("occurred_at").first()
    assert (note.action, note.actor) == ("brand.changed", f"staff:{owner.pk}")
    assert note.before["name"] == "Tea Shop"
    assert note.after["name"] == "青山茶铺"
    assert 'content="#0e7a48"' in console.get("/console/").raw.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "   "},
        {"name": "x" * 121},
        {"brand_color": "red"},
        {"brand_color": "#12345"},
        {"brand_color": "#123456\n"},
        {"brand_color": "#123456;}body{}"},
        {"logo": "x" * 17},
        {"point_name_en": ""},
        {"slug": "mine"},
        {"name": None},
    ],
)
def test_a_brand_that_makes_no_sense_is_refused(console, change):
    before = console.get(f"{API}/brand").json
    answer = console.patch(f"{API}/brand", change)
    assert (answer.status, answer.code) == (400, "api.invalid_body"), answer
    assert console.get(f"{API}/brand").json == before


def test_a_key_is_shown_once_and_works_until_it_is_revoked(console, tea, owner):
    scopes = console.get(f"{API}/api-scopes").json["items"]
    assert {"code": "members:read", "title": "Read members, balances and ledgers"} in scopes

    made = console.post(f"{API}/api-keys", {"name": "Till", "scopes": ["members:read"]})

    assert made.status == 201
    key = made.json["key"]
    assert key.startswith("jf_")
    assert made.json["prefix"] == key[:10]
    till = Http(host_of(tea), Authorization=f"Bearer {key}")
    assert till.get("/api/v1/members").status == 200
    assert till.post("/api/v1/members", {"external_id": "x"}).status == 403

    listed = console.get(f"{API}/api-keys")
    row = next(item for item in listed.json["items"] if item["id"] == made.json["id"])
    assert "key" not in row
    assert key not in listed.raw.decode()
    assert row["last_used_at"] is not None

    revoked = console.post(f"{API}/api-keys/{row['id']}/revocation", {})
    assert revoked.json["revoked_at"] is not None
    assert console.post(f"{API}/api-keys/{row['id']}/revocation", {}).json == revoked.json
    refused = till.get("/api/v1/members")
    assert (refused.status, refused.code) == (401, "channels.key_invalid")
    with tenant_context(tea):
        notes = OutboxEvent.objects.filter(topic__startswith="audit.api_key")
        assert key not in "".join(str(note.payload) for note in notes)
        assert {note.payload["action"] for note in notes} == {"api_key.made", "api_key.revoked"}


def test_keys_are_listed_page_by_page(console):
    for name in ("one", "two", "three"):
        console.post(f"{API}/api-keys", {"name": name, "scopes": ["*"]})
    first = console.get(f"{API}/api-keys?limit=2").json
    last = console.get(f"{API}/api-keys?limit=2&cursor={first['next']}").json
    assert [row["name"] for row in first["items"]] == ["three", "two"]
    assert last["items"][0]["name"] == "one"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "Till", "scopes": ["everything"]}, "channels.scope_unknown"),
        ({"name": "Till", "scopes": []}, "api.invalid_body"),
        ({"name": "", "scopes": ["*"]}, "api.invalid_body"),
        ({"name": "  ", "scopes": ["*"]}, "api.invalid_body"),
        ({"name": "Till"}, "api.invalid_body"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(console, body, code):
    answer = console.post(f"{API}/api-keys", body)
    assert (answer.status, answer.code) == (400, code)
    assert console.post(f"{API}/api-keys/1/revocation", {}).code == "channels.key_not_found"
