"""What a condition can ask of a member, and where the database finds it.

A fact is a field of the condition language and a column over `members_member m`; facts that need
other tables name their joins. To add one, write it down here; an app whose facts depend on the
merchant (fields of their own) adds a function to `SOURCES`.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.clock import Calendar
from points.conditions import Choice, Column, Condition, Field, Kind, Schema, to_sql


class Around(msgspec.Struct, frozen=True):
    """Now, and the merchant's days; `only` names the members asked about, when it is not all."""

    at: datetime
    calendar: Calendar
    only: Sequence[uuid.UUID] | None = None

    @property
    def today(self) -> date:
        """The local day of now."""
        return self.calendar.day_of(self.at)


class Fact(msgspec.Struct, frozen=True):
    """A field and where it is found; a column that depends on now is a function of it."""

    field: Field
    column: Column | Callable[[Around], Column]
    joins: tuple[str, ...] = ()


GROUPS: dict[str, Promise] = {
    "profile": _("Profile"),
    "orders": _("Orders"),
    "points": _("Points"),
    "rfm": _("RFM"),
}
WINDOWS = (30, 90, 365)

# What a wallet will have when all that is due has been booked, in the order the ledger books it: what
# is free, then holds that ran out and lots that mature by their moments. Each pays the debt first;
# what belongs to a lot that has expired by now is lost, and what a hold gives back into a lot that
# was over by then pays nothing either.
_AVAILABLE_WHEN_DUE = """
(select coalesce(sum(greatest(0, least(gain, gained - w.debt))) filter (where not is_over), 0)::bigint
   from (select gain, is_over, sum(gain) over (
                  order by least(turn, 1), due_at, turn, cause, case turn when 2 then id end,
                           expires_at nulls last, granted_at, id) as gained
           from (select 0 as turn, l.granted_at as due_at, '' as cause, l.remaining as gain, l.*
                   from ledger_lot l where l.wallet_id = w.id and l.remaining > 0 and l.is_mature
                 union all
                 select 1, h.expires_at, h.id::text, p.amount, l.*
                   from ledger_hold h join ledger_holdpart p on p.hold_id = h.id
                   join ledger_lot l on l.id = p.lot_id
                  where h.wallet_id = w.id and h.status = 'open' and h.expires_at <= %s
                    and (l.expires_at is null or l.expires_at > h.expires_at)
                 union all
                 select 2, l.matures_at, '', l.remaining, l.*
                   from ledger_lot l
                  where l.wallet_id = w.id and l.remaining > 0 and not l.is_mature
                    and l.matures_at <= %s
                    and (l.expires_at is null or l.matures_at < l.expires_at)) as credit,
                lateral (select coalesce(expires_at <= %s, false) as is_over) as fate) as paid)
"""


def _join_orders(days: int) -> Callable[[Around], Column]:
    def join(around: Around) -> Column:
        values: list[object] = [
            around.calendar.start_of(around.today - timedelta(days=days - 1))
        ]  # fmt: skip
        whose = ""
        if around.only is not None:  # else the orders of all would be added up
            whose = " and member_id = any(%s::uuid[])"
            values.append(list(around.only))
        return Column(
            "left join (select member_id, count(*) as orders, sum(goods_cents + shipping_cents"
            " + tax_cents - discount_cents)::bigint as cents from orders_order"
            f" where placed_at >= %s{whose} group by member_id) as o{days}"
            f" on o{days}.member_id = m.id",
            values,
        )

    return join


_JOINS: dict[str, Callable[[Around], Column]] = {
    "wallet": lambda _around: Column(
        "left join ledger_wallet w on w.member_id = m.id and w.unit = 'points'"
    ),
    "rfm": lambda _around: Column("left join segments_rfmscale q on q.id = 1"),
    **{f"orders_{days}": _join_orders(days) for days in WINDOWS},
}


def _fact(
    group: str,
    name: str,
    kind: Kind,
    label: str | Promise,
    column: str | Callable[[Around], Column],
    *joins: str,
    choices: tuple[Choice, ...] = (),
) -> Fact:
    field = Field(f"member.{name}", kind, label, choices, group)
    return Fact(field, Column(column) if isinstance(column, str) else column, joins)


def _days_to_birthday(around: Around) -> Column:
    """Days until the birthday comes round, 0 on the day; 29 February is kept on the 28th in
    common years."""
    # Adding years to a date takes 29 February to the 28th by itself.
    in_year = "(m.birthday + make_interval(years => %s - extract(year from m.birthday)::int))::date"
    today = around.today
    return Column(
        f"(case when {in_year} >= %s then {in_year} else {in_year} end - %s)",
        [today.year, today, today.year, today.year + 1, today],
    )


def _age(around: Around) -> Column:
    return Column("extract(year from age(%s::date, m.birthday))::int", [around.today])


def _available(around: Around) -> Column:
    """The wallet's own figure while it holds; once something became due, what the lots say."""
    at = around.at
    return Column(
        f"(case when w.next_change_at <= %s then {_AVAILABLE_WHEN_DUE}"
        " else coalesce(w.available, 0) end)",
        [at, at, at, at],
    )


_MONTHS = tuple(
    Choice(str(number), label)
    for number, label in enumerate(
        (
            _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
            _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
        ),
        start=1,
    )
)  # fmt: skip
_LANGUAGES = (Choice("zh-hans", "简体中文"), Choice("en", "English"))

_PROFILE = (
    _fact("profile", "joined_at", "moment", _("Joined"), "m.joined_at"),
    _fact("profile", "tags", "texts", _("Tags"), "m.tags"),
    _fact("profile", "has_phone", "boolean", _("Has a phone number"), "(m.phone <> '')"),
    _fact("profile", "has_email", "boolean", _("Has an e-mail address"), "(m.email <> '')"),
    _fact(
        "profile", "birthday_month", "choice", _("Birthday month"),
        "extract(month from m.birthday)::int::text", choices=_MONTHS,
    ),
    _fact("profile", "days_to_birthday", "whole", _("Days until the birthday"), _days_to_birthday),
    _fact("profile", "age", "whole", _("Age in years"), _age),
    _fact(
        "profile", "locale", "choice", _("Language"), "nullif(m.locale, '')", choices=_LANGUAGES
    ),
)  # fmt: skip
_ORDERS = (
    _fact("orders", "orders_count", "whole", _("Number of orders"), "m.orders_count"),
    _fact("orders", "spent_cents", "money", _("Amount spent in all"), "m.spent_cents"),
    _fact(
        "orders", "average_order_cents", "money", _("Average order amount"),
        "(m.spent_cents / nullif(m.orders_count, 0))",
    ),
    _fact("orders", "last_order_at", "moment", _("Last order"), "m.last_order_at"),
    *(
        one
        for days, orders, spent in (
            (30, _("Orders in the last 30 days"), _("Amount spent in the last 30 days")),
            (90, _("Orders in the last 90 days"), _("Amount spent in the last 90 days")),
            (365, _("Orders in the last 365 days"), _("Amount spent in the last 365 days")),
        )
        for one in (
            _fact(
                "orders", f"orders_in_{days}_days", "whole", orders,
                f"coalesce(o{days}.orders, 0)", f"orders_{days}",
            ),
            _fact(
                "orders", f"spent_in_{days}_days_cents", "money", spent,
                f"coalesce(o{days}.cents, 0)", f"orders_{days}",
            ),
        )
    ),
)  # fmt: skip
_POINTS = (
    _fact("points", "points_available", "whole", _("Points available"), _available, "wallet"),
    _fact(
        "points", "points_earned", "whole", _("Points earned in all"),
        "coalesce(w.lifetime_earned, 0)", "wallet",
    ),
)  # fmt: skip

# A score is 1 and one more for each boundary the value lies above (docs/algorithms/rfm.md); a
# member without orders has none.
_RECENCY = (
    "case when m.orders_count > 0 then"
    " 1 + width_bucket(m.last_order_at - interval '1 microsecond', q.recency) end"
)
_FREQUENCY = "case when m.orders_count > 0 then 1 + width_bucket(m.orders_count::bigint - 1, q.frequency) end"
_MONETARY = "case when m.orders_count > 0 then 1 + width_bucket(m.spent_cents - 1, q.monetary) end"
# High is a score of 4 or 5; the eight classes are the corners of recency, frequency, monetary.
_CLASSES = (
    ("champion", (True, True, True), _("Champions")),
    ("big_new", (True, False, True), _("Big spenders to develop")),
    ("big_fading", (False, True, True), _("Big spenders to keep")),
    ("big_lost", (False, False, True), _("Big spenders to win back")),
    ("regular", (True, True, False), _("Regulars")),
    ("newcomer", (True, False, False), _("Newcomers")),
    ("fading", (False, True, False), _("Fading regulars")),
    ("lost", (False, False, False), _("Lost")),
)


def _class_sql() -> str:
    scores = (f"({_RECENCY}) >= 4", f"({_FREQUENCY}) >= 4", f"({_MONETARY}) >= 4")
    cases = " ".join(
        "when "
        + " and ".join(
            score if is_high else f"not {score}"
            for score, is_high in zip(scores, corner, strict=True)
        )
        + f" then '{code}'"
        for code, corner, _label in _CLASSES
    )
    return f"(case {cases} end)"


_RFM = (
    _fact("rfm", "rfm_recency", "whole", _("Recency score (1–5)"), f"({_RECENCY})", "rfm"),
    _fact("rfm", "rfm_frequency", "whole", _("Frequency score (1–5)"), f"({_FREQUENCY})", "rfm"),
    _fact("rfm", "rfm_monetary", "whole", _("Monetary score (1–5)"), f"({_MONETARY})", "rfm"),
    _fact(
        "rfm", "rfm_class", "choice", _("RFM class"), _class_sql(), "rfm",
        choices=tuple(Choice(code, label) for code, _corner, label in _CLASSES),
    ),
)  # fmt: skip

# One line for each app that knows something of members; a function, as it may ask the database.
SOURCES: tuple[Callable[[], Iterable[Fact]], ...] = (
    lambda: _PROFILE,
    lambda: _ORDERS,
    lambda: _POINTS,
    lambda: _RFM,
)


def list_facts() -> list[Fact]:
    """Every fact there is at this merchant, in the order in which they are offered."""
    return [fact for source in SOURCES for fact in source()]


def schema() -> Schema:
    """The fields a segment's condition may use."""
    return Schema(fact.field for fact in list_facts())


def uses_rfm(condition: Condition) -> bool:
    """Whether somebody's score decides."""
    return any(name.startswith("member.rfm_") for name in condition.fields)


class Source(msgspec.Struct, frozen=True):
    """`from members_member m …` with the joins some conditions need, and each as SQL."""

    joins: str
    join_params: list[object]
    tests: list[tuple[str, list[object]]]


def source_of(conditions: Sequence[Condition], around: Around) -> Source:
    """The tables and tests for conditions that are asked together."""
    facts = {fact.field.name: fact for fact in list_facts()}
    needed = sorted(frozenset[str]().union(*(one.fields for one in conditions)))
    columns = {name: _column(facts[name], around) for name in needed}
    joins, params = joined([facts[name] for name in needed], around)
    tests = [
        to_sql(one, columns, at=around.at, calendar=around.calendar) for one in conditions
    ]  # fmt: skip
    return Source(joins, params, tests)


def joined(facts: Iterable[Fact], around: Around) -> tuple[str, list[object]]:
    """The joins some facts need, each once."""
    names = dict.fromkeys(name for fact in facts for name in fact.joins)
    made = [_JOINS[name](around) for name in names]
    return " ".join(one.sql for one in made), [value for one in made for value in one.params]


def _column(fact: Fact, around: Around) -> Column:
    return fact.column if isinstance(fact.column, Column) else fact.column(around)


def columns_of(facts: Iterable[Fact], around: Around) -> list[Column]:
    """Where each fact is found."""
    return [_column(fact, around) for fact in facts]
