"""Reading the programme."""

from functools import lru_cache

import msgspec

from kernel.clock import Calendar
from kernel.db import Ask, ask, connection
from points.program.calculations import ProgramSettings


class ActiveProgram(msgspec.Struct, frozen=True):
    """Settings of now, their version, and the merchant's calendar and currency."""

    settings: ProgramSettings
    version: int
    calendar: Calendar
    currency: str


def get_program() -> ActiveProgram:
    """The merchant's programme: one query; the document is parsed once per version."""
    return ask(ask_program())[0]


def ask_program() -> Ask[ActiveProgram]:
    """The same, to be asked together with other things."""
    return Ask("program_current()", (), _read)


def _read(text: str) -> ActiveProgram:
    version, settings = _parse(text)
    merchant = connection.tenant
    return ActiveProgram(
        settings=settings,
        version=version,
        calendar=Calendar(merchant.timezone, settings.day_start_hour),
        currency=merchant.currency,
    )


@lru_cache(maxsize=2_000)
def _parse(text: str) -> tuple[int, ProgramSettings]:
    return msgspec.json.decode(text, type=tuple[int, ProgramSettings])
