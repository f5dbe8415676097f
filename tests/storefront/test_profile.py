"""A member's own profile: fields, consent, a copy of everything, and being forgotten."""

from points.members.actions import add_field
from points.members.models import Member, MemberSession


def field(noon, code="taste", **settings):
    given = {"name_zh": "口味", "name_en": "Taste", "edited_by": "member", **settings}
    return add_field(code=code, kind="text", at=noon, settings=given)


def test_own_fields_and_those_of_the_shop(mei_browser, mei, noon):
    field(noon, is_required=True)
    field(noon, "rank", edited_by="staff", name_en="Rank", position=1)
    found = mei_browser.get("/me/profile").json
    assert [(one["code"], one["name"], one["can_change"]) for one in found["fields"]] == [
        ("taste", "Taste", True), ("rank", "Rank", False),
    ]  # fmt: skip
    assert found["is_complete"] is False
    change = {"birthday": "1995-02-03", "email_consent": True, "custom": {"taste": "green"}}
    changed = mei_browser.patch("/me", change)
    assert (changed.status, changed.json["email_consent"]) == (200, True)
    assert changed.json["can_change_birthday"] is False
    assert mei_browser.get("/me/profile").json["is_complete"] is True
    assert mei_browser.patch("/me", {"birthday": "1996-01-01"}).code == "members.birthday_fixed"
    for code in ("rank", "other"):
        assert mei_browser.patch("/me", {"custom": {code: "x"}}).code == "members.custom_invalid"


def test_a_copy_of_everything(mei_browser, mei, give, noon):
    give(mei, 100, at=noon)
    found = mei_browser.get("/me/export").json
    assert found["member"]["external_id"] == "mei"
    assert [row["amount"] for row in found["data"]["transactions"]] == [100]


def test_to_be_forgotten(mei_browser, mei, give, noon):
    give(mei, 100, at=noon)
    refused = mei_browser.post("/me/erasure", {})
    assert (refused.status, refused.code) == (409, "members.erasure_refused")
    assert mei_browser.get("/me").status == 200
    assert mei_browser.post("/me/erasure", {"forfeit": True}).status == 200
    assert mei_browser.get("/me").code == "api.not_signed_in"
    assert not MemberSession.objects.exists()
    assert Member.objects.get(pk=mei.pk).phone == ""
