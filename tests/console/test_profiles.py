"""Staff change profiles, link numbers, merge, export and erase; each leaves a note without the data."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.flows.member_joined import join_member
from points.members.models import Member
from tests.console.conftest import API


@pytest.fixture
def ann(tea, noon):
    with tenant_context(tea):
        return join_member(external_id="ann", name="Ann", phone="13900000002", at=noon)


@pytest.fixture
def bob(tea, noon):
    with tenant_context(tea):
        return join_member(external_id="bob", name="Bob", at=noon)


def notes(tea):
    with tenant_context(tea):
        rows = OutboxEvent.objects.filter(topic__startswith="audit.member").order_by("id")
        return [(row.topic.removeprefix("audit."), row.payload["after"]) for row in rows]


def test_a_profile_with_own_fields(console, tea, ann):
    field = {"code": "taste", "kind": "text", "name_en": "Taste"}
    assert console.post(f"{API}/member-fields", field).status == 201
    changed = console.patch(
        f"{API}/members/{ann.pk}", {"name": "Anna", "custom": {"taste": "oolong"}}
    )
    assert (changed.status, changed.json["name"], changed.json["custom"]) == (
        200, "Anna", {"taste": "oolong"},
    )  # fmt: skip
    refused = console.patch(f"{API}/members/{ann.pk}", {"custom": {"colour": "red"}})
    assert refused.code == "members.custom_invalid"
    retired = console.patch(f"{API}/member-fields/taste", {"is_retired": True})
    assert retired.json["is_retired"] is True
    assert notes(tea)[1] == ("member.changed", {"fields": ["custom", "name"]})


def test_numbers_in_channels(console, tea, ann):
    path = f"{API}/members/{ann.pk}/identities"
    made = console.post(path, {"channel": "pos", "external_id": "7"})
    assert made.status == 201
    assert console.get(f"{API}/members/{ann.pk}").json["identities"] == [made.json]
    assert console.call("DELETE", f"{path}/{made.json['id']}").status == 204
    assert [name for name, _ in notes(tea)] == [
        "member.identity_linked", "member.identity_unlinked",
    ]  # fmt: skip


def test_merging_by_the_others_number(console, tea, ann, bob):
    done = console.post(f"{API}/members/{bob.pk}/merge", {"into_external_id": "ann"})
    assert (done.status, done.json["id"]) == (200, str(ann.pk))
    assert console.get(f"{API}/members/{bob.pk}").json["id"] == str(ann.pk)
    assert console.get(f"{API}/members").json["total"] == 1
    again = console.post(f"{API}/members/{ann.pk}/merge", {"into_external_id": "bob"})
    assert again.code == "members.merge_into_itself"
    assert notes(tea) == [("member.merged", {"into": str(ann.pk)})]


def test_export_and_erasure(console, tea, ann):
    found = console.get(f"{API}/members/{ann.pk}/export")
    assert found.json["member"]["phone"] == "13900000002"
    gone = console.post(f"{API}/members/{ann.pk}/erasure", {})
    assert gone.status == 200
    with tenant_context(tea):
        assert Member.objects.get(pk=ann.pk).phone == ""
    again = console.post(f"{API}/members/{ann.pk}/erasure", {"forfeit": True})
    assert (again.status, again.json) == (200, gone.json)
    assert [one for one in notes(tea) if one[0] == "member.erased"] == [
        ("member.erased", {"forfeit": False})
    ]


@pytest.mark.parametrize("role", ["analyst", "marketer"])
def test_who_may_not(console_as, tea, ann, role):
    staff = console_as(role)
    calls = [
        ("PATCH", f"members/{ann.pk}", {"name": "X"}),
        ("POST", f"members/{ann.pk}/identities", {"channel": "pos", "external_id": "7"}),
        ("POST", f"members/{ann.pk}/merge", {"into_external_id": "mei"}),
        ("GET", f"members/{ann.pk}/export", None),
        ("POST", f"members/{ann.pk}/erasure", {}),
        ("POST", "member-fields", {"code": "a", "kind": "text", "name_en": "A"}),
    ]
    for method, path, body in calls:
        answer = staff.call(method, f"{API}/{path}", body)
        assert (answer.status, answer.code) == (403, "console.permission_missing"), path
    with tenant_context(tea):
        assert Member.objects.get(pk=ann.pk).name == "Ann"
