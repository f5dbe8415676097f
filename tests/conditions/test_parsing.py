"""What is a condition and what is not, with the place and the reason."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.conditions import ConditionInvalid, judge, parse
from tests.conditions.sample import AT, CALENDAR, FIELDS, SCHEMA, trees

AMOUNT = {"var": "order.amount_cents"}
JOINED = {"var": "member.joined_at"}


def read(tree):
    return parse(tree=tree, schema=SCHEMA)


@pytest.mark.parametrize(
    ("tree", "canonical"),
    [
        (True, True),
        ({">=": [AMOUNT, 100]}, {">=": [AMOUNT, 100]}),
        ({"<=": [100, AMOUNT]}, {">=": [AMOUNT, 100]}),
        ({"==": [{"var": ["member.city"]}, "x"]}, {"==": [{"var": "member.city"}, "x"]}),
        ({"<=": [1, AMOUNT, 5]}, {"<=": [1, AMOUNT, 5]}),
        ({"<": [1, AMOUNT, 5]}, {"<": [1, AMOUNT, 5]}),
        ({"var": "member.has_phone"}, {"==": [{"var": "member.has_phone"}, True]}),
        ({"!": {">": [AMOUNT, 1]}}, {"!": [{">": [AMOUNT, 1]}]}),
        ({"in": [AMOUNT, [1, 2, 1]]}, {"in": [AMOUNT, [1, 2]]}),
        ({"in": ["vip", {"var": "member.tags"}]}, {"in": ["vip", {"var": "member.tags"}]}),
        ({">": [30, {"days_ago": JOINED}]}, {"<": [{"days_ago": [JOINED]}, 30]}),
    ],
)
def test_a_tree_has_one_canonical_form(tree, canonical):
    condition = read(tree)
    assert condition.tree == canonical
    assert read(canonical) == condition


def test_a_condition_names_the_facts_it_needs():
    tree = {"or": [{">": [AMOUNT, 1]}, {"!": [{"in": ["vip", {"var": "member.tags"}]}]}]}
    assert read(tree).fields == {"order.amount_cents", "member.tags"}
    assert [one.path for one in read(tree).comparisons] == ["or.0.>", "or.1.!.0.in"]


@pytest.mark.parametrize(
    ("literal", "kind"),
    [(1, "number"), (1.5, "number"), ("red", "text"), (True, "boolean"), (["a", "b"], "text")],
)
def test_a_free_property_has_the_kind_of_its_literal(literal, kind):
    operator = "in" if isinstance(literal, list) else "=="
    one = read({operator: [{"var": "event.properties.颜色"}, literal]}).comparisons[0]
    assert (one.field.kind, one.field.label) == (kind, "颜色")


def test_a_literal_in_a_free_property_makes_it_a_set_of_texts():
    one = read({"in": ["red", {"var": "event.properties.colours"}]}).comparisons[0]
    assert (one.field.kind, one.operator) == ("texts", "has")


def nested(levels):
    tree = {">": [AMOUNT, 1]}
    for _ in range(levels - 1):
        tree = {"and": [tree]}
    return tree


def test_the_limits_are_where_they_are_said_to_be():
    assert read(nested(6)) and read({"or": [{">": [AMOUNT, 1]}] * 50})
    assert read({"in": [AMOUNT, list(range(200))]})
    assert read({"==": [{"var": "member.city"}, "x" * 200]})
    assert read({"==": [AMOUNT, 10**12]}) and read({"==": [{"var": "event.score"}, 0.000001]})


@pytest.mark.parametrize(
    ("tree", "path", "reason"),
    [
        (None, ".", "not_a_condition"),
        (False, ".", "not_a_condition"),
        ([], ".", "not_a_condition"),
        ({}, ".", "not_a_condition"),
        ({"and": [], "or": []}, ".", "not_a_condition"),
        ({1: []}, ".", "not_a_condition"),
        ({"and": [True]}, "and.0", "not_a_condition"),
        ({"and": []}, "and", "empty_list"),
        ({"and": {">": [AMOUNT, 1]}}, "and", "wrong_number"),
        ({"and": [{">=": [AMOUNT, "x"]}]}, "and.0.>=", "value_does_not_fit"),
        ({"+": [AMOUNT, 1]}, "+", "unknown_operator"),
        ({">": [{"*": [AMOUNT, 2]}, 1]}, ">", "unknown_operator"),
        ({"map": [AMOUNT, AMOUNT]}, "map", "unknown_operator"),
        ({">": [AMOUNT]}, ">", "wrong_number"),
        ({">": AMOUNT}, ">", "wrong_number"),
        ({">=": [5, AMOUNT, 1]}, ">=", "wrong_number"),
        ({"<": [AMOUNT, 1, 5]}, "<", "field_expected"),
        ({"<": [5, AMOUNT, 1]}, "<", "empty_range"),
        ({"<": [AMOUNT, AMOUNT]}, "<", "field_expected"),
        ({"==": [1, 1]}, "==", "field_expected"),
        ({"==": [{"var": ["order.amount_cents", 7]}, 1]}, "==", "field_expected"),
        ({"==": [{"var": ""}, 1]}, "==", "unknown_field"),
        ({"==": [{"var": "member.password"}, "x"]}, "==", "unknown_field"),
        ({"==": [{"var": "event.properties."}, "x"]}, "==", "unknown_field"),
        ({"==": [{"var": "event.properties." + "x" * 100}, "x"]}, "==", "unknown_field"),
        ({"==": [{"var": "event.properties.x"}, None]}, "==", "value_does_not_fit"),
        ({"in": [{"var": "event.properties.x"}, [1, "a"]]}, "in", "value_does_not_fit"),
        ({"in": [{"var": "event.properties.x"}, [["a"]]]}, "in", "value_does_not_fit"),
        ({">": [{"var": "event.properties.x"}, "a"]}, ">", "operator_does_not_fit"),
        ({"==": [AMOUNT, True]}, "==", "value_does_not_fit"),
        ({"==": [AMOUNT, 1.0]}, "==", "value_does_not_fit"),
        ({"==": [AMOUNT, None]}, "==", "value_does_not_fit"),
        ({"==": [AMOUNT, 10**12 + 1]}, "==", "out_of_range"),
        ({"==": [AMOUNT, -(10**5000)]}, "==", "out_of_range"),
        ({"==": [{"var": "event.score"}, float("nan")]}, "==", "value_does_not_fit"),
        ({"==": [{"var": "event.score"}, float("inf")]}, "==", "value_does_not_fit"),
        ({"==": [{"var": "event.score"}, 1e-7]}, "==", "value_does_not_fit"),
        ({"==": [{"var": "event.score"}, 1e300]}, "==", "out_of_range"),
        ({"==": [{"var": "member.city"}, "x" * 201]}, "==", "text_too_long"),
        ({"==": [{"var": "member.city"}, "a\0b"]}, "==", "text_not_storable"),
        ({"==": [{"var": "member.city"}, "\ud800"]}, "==", "text_not_storable"),
        ({"<": [{"var": "member.city"}, "x"]}, "<", "operator_does_not_fit"),
        ({"starts_with": [{"var": "member.city"}, ""]}, "starts_with", "empty_text"),
        ({"starts_with": ["x", {"var": "member.city"}]}, "starts_with", "field_expected"),
        ({"==": [{"var": "member.level"}, "iron"]}, "==", "not_a_choice"),
        ({"==": [{"var": "member.has_phone"}, 1]}, "==", "value_does_not_fit"),
        ({"var": "member.city"}, "var", "value_does_not_fit"),
        ({"==": [{"var": "member.birthday"}, "2026-02-30"]}, "==", "value_does_not_fit"),
        ({"==": [{"var": "member.birthday"}, "20260201"]}, "==", "value_does_not_fit"),
        ({"==": [{"var": "member.birthday"}, "1899-12-31"]}, "==", "out_of_range"),
        ({"==": [{"var": "member.birthday"}, "2026-01-01T00:00:00Z"]}, "==", "value_does_not_fit"),
        ({">": [JOINED, "2026-01-01T00:00:00"]}, ">", "value_does_not_fit"),
        ({">": [JOINED, "2026-01-01T25:00:00Z"]}, ">", "value_does_not_fit"),
        ({">": [JOINED, "0001-01-01T00:00:00+23:00"]}, ">", "out_of_range"),
        ({"<": ["2026-01-01", JOINED, "2026-01-02T00:00:00Z"]}, "<", "value_does_not_fit"),
        ({"<": [{"days_ago": [JOINED]}, 36_501]}, "<", "out_of_range"),
        ({"<": [{"days_ago": [JOINED]}, "2026-01-01"]}, "<", "value_does_not_fit"),
        ({"<": [{"days_ago": [AMOUNT]}, 3]}, "<", "operator_does_not_fit"),
        ({"in": [{"days_ago": [JOINED]}, [3]]}, "in", "operator_does_not_fit"),
        ({"<": [{"days_ago": [{"days_ago": [JOINED]}]}, 3]}, "<", "field_expected"),
        ({"<": [{"days_ago": [3]}, 3]}, "<", "field_expected"),
        ({"in": [AMOUNT, []]}, "in", "empty_list"),
        ({"in": [AMOUNT, 5]}, "in", "value_does_not_fit"),
        ({"in": [AMOUNT, list(range(201))]}, "in", "list_too_long"),
        ({"in": [5, AMOUNT]}, "in", "operator_does_not_fit"),
        ({"in": [5, {"var": "member.tags"}]}, "in", "value_does_not_fit"),
        ({"==": [{"var": "member.tags"}, "vip"]}, "==", "operator_does_not_fit"),
        ({"!": []}, "!", "not_a_condition"),
        (nested(7), "and.0.and.0.and.0.and.0.and.0.and.0", "too_deep"),
        ({"or": [{">": [AMOUNT, 1]}] * 51}, "or.50.>", "too_many_comparisons"),
    ],
)
def test_what_is_no_condition_is_refused_with_place_and_reason(tree, path, reason):
    with pytest.raises(ConditionInvalid) as refused:
        read(tree)
    assert (refused.value.facts["path"], refused.value.facts["reason"]) == (path, reason)
    assert path in str(refused.value) and reason not in str(refused.value)


def test_depth_is_cut_long_before_the_interpreter_s_own_limit():
    tree = {">": [AMOUNT, 1]}
    for _ in range(100_000):
        tree = {"!": tree}
    with pytest.raises(ConditionInvalid):
        read(tree)
    operand = JOINED
    for _ in range(100_000):
        operand = {"days_ago": [operand]}
    with pytest.raises(ConditionInvalid):
        read({"<": [operand, 1]})


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["member.joined_at", "member.tags", "event.properties.x", "2026-01-01"])
)  # fmt: skip
words = st.sampled_from(
    ["and", "or", "!", "==", "!=", "<", "<=", ">", ">=", "in", "var", "days_ago", "starts_with"]
)
garbage = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=2),
    max_leaves=25,
)  # fmt: skip


@given(tree=garbage | st.builds(lambda w, v: {w: v}, words, garbage))
def test_nothing_but_the_refusal_ever_leaves_the_parser(tree):
    try:
        condition = read(tree)
    except ConditionInvalid as refused:
        assert str(refused)
    else:
        judge(condition, {}, at=AT, calendar=CALENDAR)


@given(tree=trees)
def test_every_tree_of_the_language_is_read_and_its_canonical_form_is_itself(tree):
    condition = read(tree)
    assert read(condition.tree) == condition


# Drawing such trees takes a busy machine longer than Hypothesis likes; that says nothing of ours.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees, facts=st.dictionaries(st.sampled_from(sorted(FIELDS)), scalars | garbage))
def test_no_fact_whatever_makes_judging_fail(tree, facts):
    judge(read(tree), facts, at=AT, calendar=CALENDAR)
