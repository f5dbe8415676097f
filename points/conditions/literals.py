"""Reading the values a field is compared with: right kind, within limits, one meaning."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from points.conditions.errors import ConditionInvalid
from points.conditions.fields import Field, Kind

D = TypeVar("D", bound=date)

LARGEST = 10**12
MAX_DAYS_AGO = 36_500
MAX_TEXT = 200
MAX_LIST = 200
MAX_DECIMALS = 6
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII
)
EXPECTED: dict[Kind, str] = {
    "whole": "whole number", "money": "whole number of minor units", "number": "number",
    "text": "text", "choice": "text", "boolean": "true or false", "date": "YYYY-MM-DD",
    "moment": "YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+hh:mm", "texts": "text",
}  # fmt: skip


def read_literal(value: object, *, field: Field, path: str) -> object:
    """The value ready to compare with the field. Raises ConditionInvalid."""
    return _READERS[field.kind](value, field, path)


def read_days(value: object, *, field: Field, path: str) -> int:
    """A number of days for `days_ago`. Raises ConditionInvalid."""
    return _whole_within(value, MAX_DAYS_AGO, field, path)


def kind_of_literal(value: object) -> Kind | None:
    """What kind a free property compared with this must be; None when it fits nothing."""
    if isinstance(value, list):
        kinds = {None if isinstance(one, list) else kind_of_literal(one) for one in value}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else None


def _whole_within(value: object, most: int, field: Field, path: str) -> int:
    if type(value) is not int:
        raise _unfit(field, path, EXPECTED["whole"])
    if not -most <= value <= most:
        raise ConditionInvalid(path=path, reason="out_of_range", least=-most, most=most)
    return value


def _whole(value: object, field: Field, path: str) -> int:
    return _whole_within(value, LARGEST, field, path)


def _number(value: object, field: Field, path: str) -> Decimal:
    """A JSON number by its shortest decimal writing: 0.1 is one tenth exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_sober(value):
        raise _unfit(field, path, EXPECTED["number"])
    if not -LARGEST <= value <= LARGEST:
        raise ConditionInvalid(path=path, reason="out_of_range", least=-LARGEST, most=LARGEST)
    exact = Decimal(repr(value))
    if exact != round(exact, MAX_DECIMALS):
        raise _unfit(field, path, f"{EXPECTED['number']} (≤ {MAX_DECIMALS} decimals)")
    return exact


def _is_sober(value: int | float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def read_text(value: object, *, field: Field, path: str) -> str:
    """A text PostgreSQL can hold: no NUL, no half of a surrogate pair. Raises ConditionInvalid."""
    if type(value) is not str:
        raise _unfit(field, path, EXPECTED["text"])
    if len(value) > MAX_TEXT:
        raise ConditionInvalid(path=path, reason="text_too_long", most=MAX_TEXT)
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ConditionInvalid(path=path, reason="text_not_storable")
    return value


def _text(value: object, field: Field, path: str) -> str:
    return read_text(value, field=field, path=path)


def _choice(value: object, field: Field, path: str) -> str:
    text = _text(value, field, path)
    if text not in {one.value for one in field.choices}:
        raise ConditionInvalid(path=path, reason="not_a_choice", name=field.name, value=text)
    return text


def _boolean(value: object, field: Field, path: str) -> bool:
    if not isinstance(value, bool):
        raise _unfit(field, path, EXPECTED["boolean"])
    return value


def _date(value: object, field: Field, path: str) -> date:
    if not isinstance(value, str) or not _DATE.match(value):
        raise _unfit(field, path, EXPECTED[field.kind])
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _unfit(field, path, EXPECTED[field.kind]) from None
    return _checked_year(day, path)


def _moment(value: object, field: Field, path: str) -> date | datetime:
    """A day of the merchant's calendar, or an instant."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        return _date(value, field, path)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _unfit(field, path, EXPECTED["moment"]) from None
    return _checked_year(moment, path)


def _checked_year(day: D, path: str) -> D:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ConditionInvalid(
            path=path, reason="out_of_range", least=FIRST_YEAR, most=LAST_YEAR
        )  # fmt: skip
    return day


def _unfit(field: Field, path: str, expected: str) -> ConditionInvalid:
    return ConditionInvalid(
        path=path, reason="value_does_not_fit", name=field.name, expected=expected
    )


_READERS: dict[Kind, Callable[[object, Field, str], object]] = {
    "whole": _whole, "money": _whole, "number": _number, "text": _text, "choice": _choice,
    "boolean": _boolean, "date": _date, "moment": _moment, "texts": _text,
}  # fmt: skip
