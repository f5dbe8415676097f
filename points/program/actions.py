"""Changing the programme's settings."""

import re
import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from points.program.calculations import ProgramSettings
from points.program.errors import SettingsContradict
from points.program.models import Program

# msgspec names an unknown or missing key in its sentence, not in the path.
_FIELD = re.compile(r"field `([^`]+)`")


def install_program(*, settings: ProgramSettings, at: datetime) -> bool:
    """Give a new merchant its programme, and say so; one that is there stays as it is."""
    document = msgspec.to_builtins(settings, builtin_types=())
    _, is_new = Program.objects.get_or_create(
        pk=1, defaults={"settings": document, "updated_at": at}
    )
    return is_new


@transaction.atomic
def change_program(*, changes: dict[str, Any], at: datetime) -> ProgramSettings:
    """Lay changes over the settings, section by section; what is not named stays.

    A section's `policy` given anew starts from that section's defaults. Lots already granted keep
    their dates (rules.md §5). Raises SettingsContradict with the field's name.
    """
    row = Program.objects.select_for_update().get(pk=1)
    document = {**row.settings}
    for name, value in changes.items():
        if isinstance(value, dict):
            kept = document.get(name)
            if "policy" in value or not isinstance(kept, dict):
                kept = {}
            document[name] = {**kept, **value}
        else:
            document[name] = value
    settings = parse_settings(document=document)
    row.settings = msgspec.to_builtins(settings)
    row.version += 1
    row.updated_at = at
    row.save()
    return settings


def parse_settings(*, document: dict[str, Any]) -> ProgramSettings:
    """A settings document as a struct. Raises SettingsContradict naming the first wrong field."""
    try:
        return msgspec.convert(document, ProgramSettings, strict=True)
    except msgspec.ValidationError as error:
        field, reason = name_field(error=error)
        raise SettingsContradict(field=field or "settings", reason=reason) from None


def name_field(*, error: msgspec.ValidationError) -> tuple[str, str]:
    """(path of the field, what is wrong with it) of a document that was refused."""
    what, _, path = str(error).partition(" - at `$.")
    path = path.rstrip("`")
    if named := _FIELD.search(what):
        path = f"{path}.{named[1]}".lstrip(".")
    return path[:200], what[:300]


def renew_revision() -> None:
    """Something that processes remember has changed: make them look again.

    Call it in the transaction of the change. Nobody can have remembered a revision that was never
    committed under this value, as it is drawn by chance.
    """
    Program.objects.filter(pk=1).update(revision=uuid.uuid4())
