"""Reading a row: from what a file or another system says to values, or the reason why not. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec

from kernel.clock import Calendar
from kernel.shapes import LARGEST_AMOUNT
from points.imports.errors import (
    AlreadyExpired,
    MomentAhead,
    NumberShortened,
    ValueInvalid,
    ValueMissing,
)
from points.members.calculations import Definition, normalise_email, normalise_phone, takes
from points.program.calculations import Expiry, expires_at, idle_rule

ROWS_AT_MOST = 500_000
LONGEST = 500
TAGS_AT_MOST = 50
NEVER = {"never", "none", "永久", "永不过期", "永久有效", "不过期", "长期有效"}
YES = {"true", "yes", "y", "1", "是", "有", "√"}
NO = {"false", "no", "n", "0", "否", "无", "×"}
_DAY = re.compile(
    r"^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$"
)
_SHORTENED = re.compile(r"^\d(?:\.\d+)?E\+\d+$", re.IGNORECASE)
_WHOLE = re.compile(r"^\d{1,3}(?:[,，]\d{3})+$|^\d+$")
Raw = Mapping[str, Any]


class Parsed(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a row says. Dates of points are settled: `expires_at` None is never.

    `is_dated` says that the row named the end itself; else it is the programme's.
    """

    external_id: str
    channel: str = "api"
    name: str = ""
    phone: str = ""
    email: str = ""
    birthday: date | None = None
    joined_at: datetime | None = None
    tags: list[str] = []
    custom: dict[str, Any] = {}
    tier: str = ""
    tier_until: datetime | None = None
    points: int = 0
    growth: int = 0
    earned_at: datetime | None = None
    expires_at: datetime | None = None
    is_dated: bool = False
    idle_rule: str | None = None
    funding_source: str = "merchant"
    reference: str = ""


class Plan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a check settled of a row: its values, its names in the ledger, who pays and how much.

    A lot or growth that was imported before is not named again.
    """

    parsed: Parsed
    key: str
    points_mark: str
    growth_mark: str
    payer_id: int
    unit_cost_micros: int
    has_points: bool = False
    has_growth: bool = False


class Reading(msgspec.Struct, frozen=True):
    """What reading a row needs to know of the shop."""

    at: datetime
    calendar: Calendar
    expiry: Expiry
    fields: Mapping[str, Definition]


def parse_row(raw: Raw, reading: Reading) -> Parsed:
    """Raises ValueMissing, ValueInvalid, NumberShortened, MomentAhead, AlreadyExpired."""
    cells = {name: _text(name, raw.get(name)) for name in _CELLS}
    parsed = Parsed(
        external_id=_external_id(cells["external_id"]), channel=cells["channel"] or "api",
        name=cells["name"], phone=_address("phone", cells["phone"]),
        email=_address("email", cells["email"]), birthday=_birthday(cells["birthday"], reading),
        joined_at=_past("joined_at", cells["joined_at"], reading), tags=_tags(raw.get("tags")),
        custom=_custom(raw.get("custom") or {}, reading), tier=cells["tier"],
        tier_until=_end("tier_until", cells["tier_until"], reading),
        points=_whole("points", cells["points"]), growth=_whole("growth", cells["growth"]),
        earned_at=_past("earned_at", cells["earned_at"], reading),
        funding_source=cells["funding_source"] or "merchant", reference=cells["reference"],
    )  # fmt: skip
    _date_points(parsed, cells["expires_at"], reading)
    if parsed.tier_until is not None and parsed.tier_until <= reading.at:
        raise ValueInvalid(field="tier_until", value=cells["tier_until"], expected="later")
    return parsed


_CELLS = (
    "external_id", "channel", "name", "phone", "email", "birthday", "joined_at", "tier",
    "tier_until", "points", "growth", "earned_at", "expires_at", "funding_source", "reference",
)  # fmt: skip


def _text(field: str, value: object) -> str:
    text = "" if value is None else str(value).strip()
    if len(text) > LONGEST:
        raise ValueInvalid(field=field, value=text[:40], expected="text")
    return text


def _external_id(text: str) -> str:
    if not text:
        raise ValueMissing(field="external_id")
    if _SHORTENED.match(text):
        raise NumberShortened(field="external_id", value=text)
    if len(text) > 120:
        raise ValueInvalid(field="external_id", value=text[:40], expected="text")
    return text


def _address(field: str, text: str) -> str:
    if not text:
        return ""
    if _SHORTENED.match(text):
        raise NumberShortened(field=field, value=text)
    normal = normalise_phone(text) if field == "phone" else normalise_email(text)
    if normal is None:
        raise ValueInvalid(field=field, value=text[:60], expected=field)
    return normal


def _whole(field: str, text: str) -> int:
    """A whole number that is not negative; thousands may be separated, `.0` may follow."""
    bare = text.removesuffix(".00").removesuffix(".0")
    if not bare:
        return 0
    if _SHORTENED.match(bare):
        raise NumberShortened(field=field, value=text)
    if not _WHOLE.match(bare) or (value := int(re.sub("[,，]", "", bare))) > LARGEST_AMOUNT:
        raise ValueInvalid(field=field, value=text[:40], expected="whole")
    return value


def read_moment(text: str, calendar: Calendar) -> date | datetime | None:
    """A day, or a moment (by the shop's clock unless it has an offset); None when it is neither."""
    found = _DAY.match(text)
    if found is None:
        return None
    year, *parts, hour, minute, second, offset = found.groups()
    month, day = [part for part in parts if part]
    try:
        if hour is None:
            return date(int(year), int(month), int(day)) if offset is None else None
        naive = datetime.combine(
            date(int(year), int(month), int(day)), time(int(hour), int(minute), int(second or 0))
        )
        if offset is None:
            return naive.replace(tzinfo=ZoneInfo(calendar.timezone))
        return datetime.fromisoformat(f"{naive.isoformat()}{offset.replace('Z', '+00:00')}")
    except ValueError:
        return None


def _moment(field: str, text: str, calendar: Calendar) -> date | datetime | None:
    if not text:
        return None
    found = read_moment(text, calendar)
    if found is None or not 1900 <= found.year < 2200:
        raise ValueInvalid(field=field, value=text[:40], expected="date")
    return found


def _birthday(text: str, reading: Reading) -> date | None:
    found = _moment("birthday", text, reading.calendar)
    day = found.date() if isinstance(found, datetime) else found
    if day is not None and day > reading.calendar.day_of(reading.at):
        raise MomentAhead(field="birthday", value=text)
    return day


def _past(field: str, text: str, reading: Reading) -> datetime | None:
    """A day means its first moment; nothing of what is brought over has yet to happen."""
    found = _moment(field, text, reading.calendar)
    if found is None:
        return None
    moment = found if isinstance(found, datetime) else reading.calendar.start_of(found)
    if moment > reading.at:
        raise MomentAhead(field=field, value=text)
    return moment


def _end(field: str, text: str, reading: Reading) -> datetime | None:
    """A day means that it still counts: its end."""
    found = _moment(field, text, reading.calendar)
    return found if found is None or isinstance(found, datetime) else reading.calendar.end_of(found)


def _tags(value: object) -> list[str]:
    words = value if isinstance(value, list) else re.split(r"[,，;；|、]", str(value or ""))
    tags = sorted({word for one in words if (word := str(one).strip())})
    if len(tags) > TAGS_AT_MOST or any(len(tag) > 60 for tag in tags):
        raise ValueInvalid(field="tags", value=", ".join(tags)[:40], expected="text")
    return tags


def _custom(values: Raw, reading: Reading) -> dict[str, Any]:
    """Values of the merchant's own fields; empty cells are left out."""
    found = {}
    for code, value in values.items():
        if value is None or str(value).strip() == "":
            continue
        field = reading.fields.get(code)
        read = _custom_value(field, value, reading.calendar) if field else None
        if field is None or not takes(field, read):
            expected = field.kind if field else "known_field"
            raise ValueInvalid(
                field=f"custom.{code}"[:60], value=str(value)[:40], expected=expected
            )
        found[code] = read
    return found


def _custom_value(field: Definition, value: Any, calendar: Calendar) -> Any:
    """A cell as the field's kind has it; what cannot be read stays, and is refused."""
    text = str(value).strip()
    match field.kind:
        case "whole":
            return int(text) if re.fullmatch(r"-?\d{1,13}", text) else value
        case "date":
            read = read_moment(text, calendar)
            return read.isoformat()[:10] if read else value
        case "boolean":
            lower = text.lower()
            return True if lower in YES else False if lower in NO else value
        case "choice":
            names = {
                one[key]: one["code"] for one in field.choices for key in ("name_zh", "name_en")
            }
            return names.get(text, text)
    return text


def _date_points(parsed: Parsed, text: str, reading: Reading) -> None:
    """Until when the points live: as the row says, or by the programme from when they were earned."""
    if not parsed.points:
        return
    if text.lower() in NEVER:
        parsed.is_dated = True
        return
    if text:
        parsed.expires_at, parsed.is_dated = _end("expires_at", text, reading), True
    else:
        since = parsed.earned_at or reading.at
        parsed.expires_at = expires_at(reading.expiry, since, reading.calendar)
        parsed.idle_rule = idle_rule(reading.expiry, reading.calendar)
    if parsed.expires_at is not None and parsed.expires_at <= reading.at:
        # The moment is the first at which they no longer hold; people name the day before it.
        last = reading.calendar.local(parsed.expires_at - timedelta(microseconds=1)).date()
        raise AlreadyExpired(field="expires_at", date=last.isoformat())


def natural_key(name: str, parsed: Parsed, ordinal: int) -> str:
    """What a row is called in the ledger for ever: `opening:<import's name>:<channel>:<number>:<row>`.

    `<row>` is the row's own reference, or how many rows of this member came before it, `#1` first.
    """
    parts = (name, parsed.channel, parsed.external_id, parsed.reference or f"#{ordinal}")
    return ":".join(["opening", *(quote(part, safe="#") for part in parts)])


def fingerprints(parsed: Parsed) -> tuple[str, str]:
    """Short hashes of what the row says of points, and of growth; dates the programme gave count
    as such, as they differ from day to day."""
    ends = parsed.expires_at if parsed.is_dated else "programme"
    points = [parsed.points, ends, parsed.earned_at, parsed.funding_source]
    return _hash(points), _hash([parsed.growth, parsed.earned_at])


def _hash(said: Sequence[object]) -> str:
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=12).hexdigest()
