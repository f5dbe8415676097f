"""One field of each kind, trees over them, and rows of facts, for all tests of conditions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from kernel.clock import Calendar
from points.conditions import OPERATORS, Choice, Column, Field, Schema, Wildcard

CALENDAR = Calendar("Asia/Shanghai", 2)
AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai on 1 March
FIELDS = {
    "order.amount_cents": Field("order.amount_cents", "money", "Order amount", group="order"),
    "member.orders_count": Field("member.orders_count", "whole", "Orders"),
    "event.score": Field("event.score", "number", "Score"),
    "member.city": Field("member.city", "text", "City"),
    "member.level": Field(
        "member.level", "choice", "Level", (Choice("gold", "Gold"), Choice("jade", "Jade"))
    ),
    "member.has_phone": Field("member.has_phone", "boolean", "Has a phone number"),
    "member.birthday": Field("member.birthday", "date", "Birthday"),
    "member.joined_at": Field("member.joined_at", "moment", "Joined"),
    "member.tags": Field("member.tags", "texts", "Tags"),
}
SCHEMA = Schema(FIELDS.values(), [Wildcard("event.properties.", "event")])
COLUMNS = {
    name: Column(name.split(".")[1]) for name in FIELDS
}  # a table whose columns bear the fields' names

_words = st.sampled_from(["", "a", "gold", "jade", "上海", "上海市", "x'y", 'q"\\', "100%", "é"])
_days = st.dates(date(2026, 2, 20), date(2026, 3, 10))
_moments = st.integers(-20 * 24, 20 * 24).map(lambda h: AT + timedelta(hours=h))
_numbers = st.integers(-3000, 3000).map(lambda n: n / 1000)

LITERALS = {
    "whole": st.integers(-3, 3), "money": st.integers(-3, 3), "number": _numbers,
    "text": _words, "choice": st.sampled_from(["gold", "jade"]), "boolean": st.booleans(),
    "date": _days.map(date.isoformat), "texts": _words,
    "moment": _days.map(date.isoformat) | _moments.map(datetime.isoformat),
}  # fmt: skip
FACTS = {
    **{name: LITERALS[kind] for kind in ("whole", "money", "text", "choice", "boolean")
       for name, field in FIELDS.items() if field.kind == kind},
    "event.score": _numbers.map(lambda n: Decimal(repr(n))), "member.birthday": _days,
    "member.joined_at": _moments, "member.tags": st.lists(_words, max_size=3),
}  # fmt: skip
rows = st.fixed_dictionaries({name: st.none() | facts for name, facts in FACTS.items()})


def _pair(values):
    """Two values, the lower first, both days or both moments."""
    return (
        st.tuples(values, values)
        .filter(lambda pair: len({len(str(v)) > 10 for v in pair}) == 1 or type(pair[0]) is not str)
        .map(sorted)
    )


@st.composite
def comparisons(draw):
    """Any comparison over the sample's fields."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    kind = FIELDS[name].kind
    var, values, operators = {"var": name}, LITERALS[kind], OPERATORS[kind]
    if kind in ("date", "moment") and draw(st.booleans()):
        var, values = {"days_ago": [var]}, st.integers(-12, 12)
    operator = draw(st.sampled_from(operators))
    match operator:
        case "between" | "inside":
            low, high = draw(_pair(values))
            return {"<=" if operator == "between" else "<": [low, var, high]}
        case "in":
            return {"in": [var, draw(st.lists(values, min_size=1, max_size=3))]}
        case "has":
            return {"in": [draw(values), var]}
        case "starts_with":
            return {operator: [var, draw(values.filter(bool))]}
    return {operator: [var, draw(values)]}


trees = st.recursive(
    comparisons(),
    lambda inner: (
        st.builds(lambda word, parts: {word: parts}, st.sampled_from(["and", "or"]),
                  st.lists(inner, min_size=1, max_size=3))
        | inner.map(lambda part: {"!": [part]})
    ),
    max_leaves=6,
)  # fmt: skip
