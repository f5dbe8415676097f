"""What of a change is noted: the fields that differ, and nothing that names a member."""

import re
from collections.abc import Iterator
from typing import Any

Fields = dict[str, Any]
HIDDEN = "***"
# Anywhere in a note.
SECRETS = frozenset({"password", "key", "key_hash", "secret", "token"})
PERSONAL = frozenset({"phone", "email", "birthday", "address", "payee_name", "payee_account"})
# These say who somebody is only where the note is about a member.
OF_MEMBERS = PERSONAL | {"name", "external_id", "tags", "custom"}
# What people type may hold addresses and mobile numbers; numbers of orders stay readable.
FREE_TEXT = frozenset({"reason", "note"})
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|(?<!\d)(?:\+\d{7,15}|1[3-9]\d{9})(?!\d)")


def shield(fields: Fields | None, subject: str) -> Fields | None:
    """The fields with secrets and members' personal data hidden, at any depth.

    What is empty stays visible: that a phone number was removed may be known, its figures may not.
    """
    if fields is None:
        return None
    hidden = SECRETS | (OF_MEMBERS if subject.startswith("member:") else PERSONAL)
    return {name: _shielded(name, value, hidden) for name, value in fields.items()}


def changed(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """Both sides reduced to what differs, section by section.

    {"earning": {"step_cents": 100, "rounding": "floor"}, "day_start_hour": 0} against the same with
    200 → {"earning": {"step_cents": 100}} and {"earning": {"step_cents": 200}}. A field that only
    one side has stands on that side alone. Lists are compared whole.
    """
    old: Fields = {}
    new: Fields = {}
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            was, now = changed(was, now)
        if was == now and (name in before) == (name in after):
            continue
        if name in before:
            old[name] = was
        if name in after:
            new[name] = now
    return old, new


def flatten(before: Fields | None, after: Fields | None) -> list[tuple[str, Any, Any]]:
    """(field, old, new) of a note, sections taken apart: `earning.step_cents`, 100, 200."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    names = list(dict.fromkeys([*old, *new]))
    return [(name, old.get(name), new.get(name)) for name in names]


def _leaves(fields: Fields, within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _shielded(name: str, value: Any, hidden: frozenset[str]) -> Any:
    if name in hidden:
        return HIDDEN if value else value
    if name in FREE_TEXT and isinstance(value, str):
        return _CONTACT.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {inner: _shielded(inner, one, hidden) for inner, one in value.items()}
    if isinstance(value, list):
        return [_shielded("", one, hidden) for one in value]
    return value
