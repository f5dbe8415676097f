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
from points.coupons.models import CouponTemplate
from points.earning.models import EarningRule, RuleVersion
from points.imports.models import MemberImport
from points.interfaces.console.lists.audit_words import word_conditions
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.schemas.audit import ChangeOut, EntryRow
from points.ledger.models import FundingSource
from points.media.models import Picture
from points.members.models import Member
from points.redemption.models import MallItem, Redemption
from points.segments.models import Segment
from points.shop.models import Category, Product
from points.tiers.models import Tier
from points.webhooks.models import WebhookEndpoint
from users.models import User

Ids = list[uuid.UUID]
# What a kind of subject is called, by its keys in the log.
Namer = Callable[[list[str]], dict[str, str]]


def render_entries(rows: Sequence[AuditEntry]) -> list[EntryRow]:
    """Entries with the names of their subjects of now, of keys and of who pays. At most nineteen
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
    return _NAMERS["funding_source"](list(codes)) if codes else {}


def name_subjects(subjects: Iterable[str]) -> dict[str, str]:
    """`member:<id>` → Mei, `segment:<code>` → Regulars. What is gone has no name; an erased member
    has none either."""
    by_kind: dict[str, list[str]] = {}
    for subject in set(subjects):
        kind, _, key = subject.partition(":")
        if kind in _NAMERS:
            by_kind.setdefault(kind, []).append(key)
    return {
        f"{kind}:{key}": name
        for kind, keys in by_kind.items()
        for key, name in _NAMERS[kind](keys).items()
        if name
    }


def _by_id(find: Callable[[Ids], dict[uuid.UUID, str]]) -> Namer:
    """Names by ids as the log writes them; what is no id has none."""

    def name(keys: list[str]) -> dict[str, str]:
        ids = [found for key in keys if (found := parse_id(key))]
        return {str(pk): text for pk, text in find(ids).items()}

    return name


def _members(ids: Ids) -> dict[uuid.UUID, str]:
    rows = Member.objects.filter(pk__in=ids).values_list("pk", "name", "external_id")
    return {pk: name or number for pk, name, number in rows}


def _items(ids: Ids) -> dict[uuid.UUID, str]:
    language = get_language() or "en"
    return {row.pk: row.title(language) for row in MallItem.objects.filter(pk__in=ids)}


def _products(ids: Ids) -> dict[uuid.UUID, str]:
    language = get_language() or "en"
    return {row.pk: row.title(language) for row in Product.objects.filter(pk__in=ids)}


def _pictures(ids: Ids) -> dict[uuid.UUID, str]:
    return dict(Picture.objects.filter(pk__in=ids).values_list("pk", "file_name"))


def _categories(codes: list[str]) -> dict[str, str]:
    language = get_language() or "en"
    return {row.code: row.name(language) for row in Category.objects.filter(code__in=codes)}


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


def _coupons(codes: list[str]) -> dict[str, str]:
    language = get_language() or "en"
    rows = CouponTemplate.objects.filter(code__in=codes)
    return {row.code: row.name(language) for row in rows}


_NAMERS: dict[str, Namer] = {
    "member": _by_id(_members), "mall_item": _by_id(_items), "redemption": _by_id(_redemptions),
    "api_key": _by_id(_keys), "staff": _by_id(_staff), "import": _by_id(_imports),
    "webhook_endpoint": _by_id(_endpoints), "earning_rule": _rules, "tier": _tiers,
    "product": _by_id(_products), "picture": _by_id(_pictures), "shop_category": _categories,
    "coupon_template": _coupons,
    "segment": lambda codes: _named(Segment.objects.filter(code__in=codes)),
    "funding_source": lambda codes: _named(FundingSource.objects.filter(code__in=codes)),
}  # fmt: skip
