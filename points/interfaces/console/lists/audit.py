"""The audit log as people read it: names of what it is about, conditions in words."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from kernel.db import connection
from kernel.ids import parse_id
from points.audit.calculations import Fields, flatten
from points.audit.models import AuditEntry
from points.channels.models import ApiKey
from points.earning.models import EarningRule, RuleVersion
from points.imports.models import MemberImport
from points.interfaces.console.lists.audit_words import word_conditions
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.schemas.audit import ChangeOut, EntryRow
from points.ledger.models import FundingSource
from points.members.models import Member
from points.redemption.models import MallItem, Redemption
from points.segments.models import Segment
from points.tiers.models import Tier
from points.webhooks.models import WebhookEndpoint
from users.models import User

Ids = list[uuid.UUID]


def render_entries(rows: Sequence[AuditEntry]) -> list[EntryRow]:
    """Entries with the names of their subjects of now, of keys and of who pays. At most sixteen
    queries: one for each kind of subject (two for rules), for keys that acted, for those who pay,
    and for the fields segments ask for, each only where it occurs."""
    names = name_subjects(row.subject for row in rows)
    payers = _payers_in(rows)
    actors = name_actors(row.actor for row in rows if row.actor.startswith("key:"))
    return [
        EntryRow(
            id=row.pk, occurred_at=row.occurred_at, business_at=row.business_at, actor=row.actor,
            actor_name=actors.get(row.actor, row.actor_name), actor_role=row.actor_role,
            surface=row.surface, action=row.action, subject=row.subject,
            subject_name=names.get(row.subject), request_id=row.request_id,
            changes=[
                ChangeOut(field=field, old=old, new=new)
                for field, old, new in flatten(_worded(row.before, payers), _worded(row.after, payers))
            ],
        )
        for row in rows
    ]  # fmt: skip


def _worded(fields: Fields | None, payers: Mapping[str, str]) -> Fields | None:
    """A side of a note with its conditions in words and the payer by name."""
    worded = word_conditions(fields, currency=connection.tenant.currency)
    if worded is None or worded.get("funding_source") not in payers:
        return worded
    return {**worded, "funding_source": payers[worded["funding_source"]]}


def _payers_in(rows: Sequence[AuditEntry]) -> dict[str, str]:
    sides = [side or {} for row in rows for side in (row.before, row.after)]
    codes = {code for side in sides if isinstance(code := side.get("funding_source"), str)}
    return _named(FundingSource.objects.filter(code__in=codes)) if codes else {}


def name_subjects(subjects: Iterable[str]) -> dict[str, str]:
    """`member:<id>` → Mei, `segment:<code>` → Regulars. What is gone has no name; an erased member
    has none either."""
    wanted = set(subjects)
    return _name_by_id(wanted) | _name_by_code(wanted)


def _name_by_code(subjects: set[str]) -> dict[str, str]:
    by_kind: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _, code = subject.partition(":")
        if kind in _CODED:
            by_kind.setdefault(kind, []).append(code)
    return {
        f"{kind}:{code}": name
        for kind, codes in by_kind.items()
        for code, name in _CODED[kind](codes).items()
        if name
    }


def _name_by_id(subjects: set[str]) -> dict[str, str]:
    by_kind: dict[str, Ids] = {}
    for subject in subjects:
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


def _imports(ids: Ids) -> dict[uuid.UUID, str]:
    return dict(MemberImport.objects.filter(pk__in=ids).values_list("pk", "name"))


def _endpoints(ids: Ids) -> dict[uuid.UUID, str]:
    rows = WebhookEndpoint.objects.filter(pk__in=ids).values_list("pk", "description", "url")
    return {pk: description or url for pk, description, url in rows}


def _staff(ids: Ids) -> dict[uuid.UUID, str]:
    return {user.pk: user.name or user.email for user in User.objects.filter(pk__in=ids)}


def _named(rows: QuerySet[Any]) -> dict[str, str]:
    return dict(rows.values_list("code", "name"))


def _rules(codes: list[str]) -> dict[str, str]:
    """By what is in force; a rule that never was by its draft."""
    drafts = EarningRule.objects.filter(code__in=codes).values_list("code", "draft__name")
    versions = RuleVersion.objects.filter(rule__code__in=codes, document__isnull=False)
    newest = versions.order_by("rule_id", "-number").distinct("rule_id")
    return dict(drafts) | dict(newest.values_list("rule__code", "document__name"))


def _tiers(codes: list[str]) -> dict[str, str]:
    language = get_language() or "en"
    return {row.code: row.name(language) for row in Tier.objects.filter(code__in=codes)}


_CODED: dict[str, Callable[[list[str]], dict[str, str]]] = {
    "earning_rule": _rules, "tier": _tiers,
    "segment": lambda codes: _named(Segment.objects.filter(code__in=codes)),
    "funding_source": lambda codes: _named(FundingSource.objects.filter(code__in=codes)),
}  # fmt: skip
_NAMERS: dict[str, Callable[[Ids], dict[uuid.UUID, str]]] = {
    "member": _members, "mall_item": _items, "redemption": _redemptions, "api_key": _keys,
    "staff": _staff, "import": _imports, "webhook_endpoint": _endpoints,
}  # fmt: skip
