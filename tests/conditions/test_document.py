"""The JSON Schema accepts what the language accepts, and refuses what has another shape."""

import json

import jsonschema_rs
import pytest
from hypothesis import given

from points.conditions import parse
from points.conditions.document import json_schema
from tests.architecture.source import ROOT
from tests.conditions.sample import SCHEMA, trees

VALIDATOR = jsonschema_rs.Draft202012Validator(json_schema())
AMOUNT = {"var": "order.amount_cents"}


def test_the_committed_file_is_the_one_the_code_writes():
    assert json.loads((ROOT / "docs/api/conditions.schema.json").read_text()) == json_schema()


@given(tree=trees)
def test_it_accepts_every_tree_of_the_language(tree):
    VALIDATOR.validate(tree)
    VALIDATOR.validate(parse(tree=tree, schema=SCHEMA).tree)


@pytest.mark.parametrize(
    "tree",
    [
        None, False, [], {}, {"and": []}, {"and": {}}, {"map": [AMOUNT, 1]}, {"+": [AMOUNT, 1]},
        {">": [AMOUNT]}, {">": [1, AMOUNT, 5]}, {">": [AMOUNT, None]}, {"in": [AMOUNT, []]},
        {"==": [AMOUNT, 10**13]}, {"==": [AMOUNT, "x" * 201]}, {"var": ""}, {"!": []},
        {"or": [{">": [AMOUNT, 1]}] * 51}, {"==": [AMOUNT, 1], "!=": [AMOUNT, 2]},
    ],
)  # fmt: skip
def test_it_refuses_what_has_another_shape(tree):
    assert not VALIDATOR.is_valid(tree)


def test_the_page_on_conditions_shows_trees_that_are_read():
    """Every JSON line of docs/concepts/conditions.md over members is a condition."""
    from points.segments.facts import schema

    page = (ROOT / "docs/concepts/conditions.md").read_text()
    shown = [json.loads(line) for line in page.splitlines() if line.startswith("{")]
    assert len(shown) >= 6
    for tree in shown:
        parse(tree=tree, schema=schema())
        VALIDATOR.validate(tree)
