"""What of a change is noted: fields that differ, and nothing that names a member."""

import pytest

from points.audit.calculations import HIDDEN, changed, flatten, shield


def test_only_what_differs_is_kept_section_by_section():
    before = {"earning": {"step_cents": 100, "rounding": "floor"}, "hour": 0, "days": [1, 1]}
    after = {"earning": {"step_cents": 200, "rounding": "floor"}, "hour": 0, "days": [1, 2]}
    assert changed(before, after) == (
        {"earning": {"step_cents": 100}, "days": [1, 1]},
        {"earning": {"step_cents": 200}, "days": [1, 2]},
    )
    assert changed(before, before) == ({}, {})


def test_a_field_of_one_side_stands_on_that_side_even_when_it_is_empty():
    assert changed({"days": 30}, {"months": None}) == ({"days": 30}, {"months": None})


def test_a_note_is_taken_apart_field_by_field():
    assert flatten({"earning": {"step_cents": 100}, "a": 1}, {"earning": {"step_cents": 200}}) == [
        ("earning.step_cents", 100, 200), ("a", 1, None),
    ]  # fmt: skip
    assert flatten(None, {"points": 5, "empty": {}}) == [("points", None, 5), ("empty", None, {})]
    assert flatten(None, None) == []


@pytest.mark.parametrize("name", ["name", "phone", "email", "birthday", "external_id", "tags"])
def test_who_a_member_is_is_never_written_down(name):
    assert shield({name: "Mei 138"}, "member:1") == {name: HIDDEN}
    assert shield({name: ""}, "member:1") == {name: ""}  # that it was empty may be known


def test_other_names_stay_and_secrets_and_contacts_do_not_at_any_depth():
    note = {"name": "Mug", "deep": [{"phone": "13800000001", "ok": 1}], "secret": "s", "key": "jf_"}
    assert shield(note, "mall_item:1") == {
        "name": "Mug", "deep": [{"phone": HIDDEN, "ok": 1}], "secret": HIDDEN, "key": HIDDEN,
    }  # fmt: skip
    assert shield(None, "member:1") is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Call 13800000001 about order 20261031-8", "Call *** about order 20261031-8"),
        ("mei@example.com wrote", "*** wrote"),
        ("电话+8613800000001，补偿", "电话***，补偿"),
        ("order 138000000012", "order 138000000012"),
    ],
)
def test_addresses_and_mobile_numbers_in_what_people_type_are_hidden(typed, kept):
    assert shield({"reason": typed}, "member:1") == {"reason": kept}
