"""Reading the programme."""

from dataclasses import dataclass

import msgspec

from kernel.clock import Calendar
from kernel.db import connection
from points.program.calculations import ProgramSettings


@dataclass(frozen=True, slots=True)
class ActiveProgram:
    """Settings of now, their version, and the merchant's calendar and currency."""

    settings: ProgramSettings
    version: int
    calendar: Calendar
    currency: str


_parsed: dict[tuple[str, int, str], ProgramSettings] = {}


def get_program() -> ActiveProgram:
    """The merchant's programme: one query; the document is parsed once per version."""
    with connection.cursor() as cursor:
        cursor.execute("select version, settings::text from program_program where id = 1")
        version, text = cursor.fetchone()
    key = (connection.schema_name, version, text)
    settings = _parsed.get(key)
    if settings is None:
        if len(_parsed) > 2_000:
            _parsed.clear()
        settings = _parsed[key] = msgspec.json.decode(text, type=ProgramSettings)
    merchant = connection.tenant
    return ActiveProgram(
        settings=settings,
        version=version,
        calendar=Calendar(merchant.timezone, settings.day_start_hour),
        currency=merchant.currency,
    )
