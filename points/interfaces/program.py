"""The programme's settings as both APIs change them."""

from typing import Any

import msgspec
from django.db import transaction

from kernel import clock
from points.interfaces.noting import Audit
from points.program.actions import change_program
from points.program.calculations import ProgramSettings
from points.program.queries import get_program


@transaction.atomic
def change_settings(*, changes: dict[str, Any], audit: Audit) -> ProgramSettings:
    """Change what was named, section by section, and note both sides of it.

    Raises SettingsContradict.
    """
    before = msgspec.to_builtins(get_program().settings)
    settings = change_program(changes=changes, at=clock.now())
    audit("program.changed", "program", before=before, after=msgspec.to_builtins(settings))
    return settings
