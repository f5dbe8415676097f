"""What the subjects of the audit log are called."""

import uuid
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import get_language

from kernel.ids import parse_id
from points.audit.calculations import flatten
from points.audit.models import AuditEntry
from points.channels.models import ApiKey
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.schemas.audit import ChangeOut, EntryRow
from points.members.models import Member
from points.redemption.models import MallItem, Redemption
from users.models import User

Ids = list[uuid.UUID]


def render_entries(rows: Sequence[AuditEntry]) -> list[EntryRow]:
    """Entries with the names of their subjects of now, and of keys. At most seven queries: one for
    each kind of subject, one for keys that acted."""
    names = name_subjects(row.subject for row in rows)
    actors = name_actors(row.actor for row in rows if row.actor.startswith("key:"))
    return [
        EntryRow(
            id=row.pk, occurred_at=row.occurred_at, business_at=row.business_at, actor=row.actor,
            actor_name=actors.get(row.actor, row.actor_name), actor_role=row.actor_role,
            surface=row.surface, action=row.action, subject=row.subject,
            subject_name=names.get(row.subject), request_id=row.request_id,
            changes=[
                ChangeOut(field=field, old=old, new=new)
                for field, old, new in flatten(row.before, row.after)
            ],
        )
        for row in rows
    ]  # fmt: skip


def name_subjects(subjects: Iterable[str]) -> dict[str, str]:
    """`member:<id>` → Mei. What is gone has no name; an erased member has none either."""
    by_kind: dict[str, Ids] = {}
    for subject in set(subjects):
        kind, _, text = subject.partition(":")
        if kind in _NAMERS and (found := parse_id(text)):
            by_kind.setdefault(kind, []).append(found)
    return {
        f"{kind}:{pk}": name
        for kind, ids in by_kind.items()
        for pk, name in _NAMERS[kind](ids).items()
        if name
    }


def _members(ids: Ids) -> dict[uuid.UUID, str]:
    rows = Member.objects.filter(pk__in=ids).values_list("pk", "name", "external_id")
    return {pk: name or number for pk, name, number in rows}


def _items(ids: Ids) -> dict[uuid.UUID, str]:
    language = get_language() or "en"
    return {row.pk: row.title(language) for row in MallItem.objects.filter(pk__in=ids)}


def _redemptions(ids: Ids) -> dict[uuid.UUID, str]:
    return dict(Redemption.objects.filter(pk__in=ids).values_list("pk", "code"))


def _keys(ids: Ids) -> dict[uuid.UUID, str]:
    return dict(ApiKey.objects.filter(pk__in=ids).values_list("pk", "name"))


def _staff(ids: Ids) -> dict[uuid.UUID, str]:
    return {user.pk: user.name or user.email for user in User.objects.filter(pk__in=ids)}


_NAMERS: dict[str, Callable[[Ids], dict[uuid.UUID, str]]] = {
    "member": _members, "mall_item": _items, "redemption": _redemptions, "api_key": _keys,
    "staff": _staff,
}  # fmt: skip
