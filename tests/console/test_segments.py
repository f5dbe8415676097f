"""Segments in the console: roles, the members' list, tags, the audit trail."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from tests.console.conftest import API

VIP = {"in": ["vip", {"var": "member.tags"}]}


def add(console, code="vip", condition=VIP):
    return console.post(f"{API}/segments", {"code": code, "name": "VIP", "condition": condition})


@pytest.fixture
def tagged(console, mei, tao):
    """Mei is a vip, Tao is not."""
    answer = console.patch(f"{API}/members/{mei.pk}", {"tags": [" vip ", "tea", "vip", " "]})
    assert answer.status == 200, answer
    return answer.json


@pytest.fixture
def tao(tea, noon):
    from points.flows.member_joined import join_member

    with tenant_context(tea):
        return join_member(external_id="tao", name="Tao", at=noon)


def test_tags_are_changed_and_noted(console, tea, mei, tagged):
    assert tagged["tags"] == ["tea", "vip"]
    assert console.get(f"{API}/member-tags").json == {"items": ["tea", "vip"]}
    with tenant_context(tea):
        note = OutboxEvent.objects.get(topic="audit.member.tags_changed").payload
    # What somebody is tagged with is the person's own affair: the log says that it changed.
    assert (note["action"], note["after"]) == ("member.tags_changed", {"tags": "***"})


@pytest.mark.parametrize("tags", [None, "vip", [""], ["x" * 61], ["x"] * 51, [1]])
def test_bad_tags_change_nothing(console, tagged, mei, tags):
    answer = console.patch(f"{API}/members/{mei.pk}", {"tags": tags})
    assert (answer.status, answer.code) == (400, "api.invalid_body")
    assert console.get(f"{API}/members/{mei.pk}").json["tags"] == ["tea", "vip"]


def test_members_are_filtered_by_a_segment(console, tagged, mei, tao):
    assert add(console).json["members_count"] == 1
    for sort in ("-joined_at", "-available", "name"):
        found = console.get(f"{API}/members?segment=vip&sort={sort}").json
        assert ([row["external_id"] for row in found["items"]], found["total"]) == (["mei"], 1)
    assert console.get(f"{API}/members?segment=vip&q=tao").json["items"] == []
    answer = console.get(f"{API}/members?segment=nobody")
    assert (answer.status, answer.code) == (404, "segments.not_found")


def test_a_preview_counts_while_the_condition_is_built(console, tagged):
    answer = console.post(f"{API}/segment-previews", {"condition": {"!": [VIP]}})
    assert (answer.json["members_count"], answer.json["total"]) == (1, 2)
    assert [row["external_id"] for row in answer.json["members"]] == ["tao"]
    wrong = console.post(f"{API}/segment-previews", {"condition": {"and": []}})
    assert (wrong.status, wrong.code, wrong.json["facts"]["path"]) == (
        400, "conditions.invalid", "and",
    )  # fmt: skip


def test_a_segment_is_made_changed_and_deleted_with_a_trace(console, tea, tagged, owner):
    assert add(console).status == 201
    changed = console.patch(f"{API}/segments/vip", {"name": "Very", "condition": {"!": [VIP]}})
    assert (changed.json["name"], changed.json["version"]) == ("Very", 2)
    assert [one["code"] for one in console.get(f"{API}/segments").json["items"]] == ["vip"]
    assert console.call("DELETE", f"{API}/segments/vip").status == 204
    assert console.get(f"{API}/segments").json["items"] == []
    with tenant_context(tea):
        notes = OutboxEvent.objects.filter(topic__startswith="audit.segment.").order_by("id")
        told = [(n.payload["action"], n.payload["actor_name"]) for n in notes]
    assert told == [
        ("segment.added", "Lin Owner"), ("segment.changed", "Lin Owner"),
        ("segment.deleted", "Lin Owner"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("admin", 200, 201), ("marketer", 200, 201), ("support", 200, 403), ("analyst", 200, 403)],
)
def test_who_may(console_as, tea, role, reads, writes):
    staff = console_as(role)
    assert staff.get(f"{API}/segments").status == reads
    assert staff.get(f"{API}/segment-fields").status == reads
    assert add(staff).status == writes


def test_support_sees_no_more_of_a_member_than_the_list_shows(
    console, console_as, tagged, mei, tea
):
    from points.members.models import Member

    with tenant_context(tea):
        Member.objects.filter(pk=mei.pk).update(email="mei@example.com")
    answer = console_as("marketer").post(f"{API}/segment-previews", {"condition": VIP})
    assert answer.json["members"][0]["email"] == "m***@example.com"
