"""Ids sort by the time they were made; what is no id is simply not found."""

import pytest

from kernel.ids import new_id, parse_id


def test_new_ids_are_version_7_and_in_order():
    made = [new_id() for _ in range(200)]
    assert {one.version for one in made} == {7}
    assert made == sorted(made) and len(set(made)) == 200


def test_an_id_is_read_in_its_canonical_form_only():
    one = new_id()
    assert parse_id(str(one)) == parse_id(str(one).upper()) == one


ONE = "01a20077-438c-767c-86e5-9c0bfbe1af05"


@pytest.mark.parametrize(
    "text",
    ["", "mei", "1", "\x00", "null", "01a20077438c767c86e59c0bfbe1af05", f"{{{ONE}}}",
     f"urn:uuid:{ONE}", f" {ONE}", f"{ONE}\n", "é" * 36, "9" * 5_000],
)  # fmt: skip
def test_what_is_no_id(text):
    assert parse_id(text) is None
