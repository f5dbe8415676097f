"""Earning rules as both APIs read and change them; every change leaves a note with both sides.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
`actor` is who published, `audit` is the endpoint's own note-taker.
"""

from typing import Any

import msgspec
from django.db import transaction

from kernel import clock
from points.conditions import ConditionInvalid
from points.coupons.errors import TemplateNotFound
from points.earning import actions, errors
from points.earning.models import EarningRule
from points.earning.queries import RuleFigures, get_figures, get_rule, list_rules
from points.interfaces import rule_shapes as shapes
from points.interfaces.noting import Audit
from points.ledger.errors import FundingSourceNotFound
from points.segments.errors import SegmentNotFound

# What the document of a rule can be refused for.
CHECKED = (
    errors.RuleInvalid, ConditionInvalid, FundingSourceNotFound, SegmentNotFound, TemplateNotFound,
)  # fmt: skip


def rule_items() -> shapes.RuleItems:
    """All rules by code, with what each gave. Three queries, however many rules there are."""
    rows, at = list_rules(), clock.now()
    figures = get_figures(rules=[row.pk for row in rows])
    return shapes.RuleItems(
        items=[
            shapes.rule(row, list(row.versions.all()), figures.get(row.pk, RuleFigures()), at)
            for row in rows
        ]
    )


def rule_detail(code: str) -> shapes.RuleDetailOut:
    """A rule with its versions and what it gave. Three queries. Raises RuleNotFound."""
    row = get_rule(code=code)
    figures = get_figures(rules=[row.pk]).get(row.pk, RuleFigures())
    return shapes.rule_detail(row, list(row.versions.all()), figures, clock.now())


@transaction.atomic
def add_rule(*, body: shapes.RuleIn, actor: str, audit: Audit) -> shapes.RuleDetailOut:
    """A new rule, as a draft or published at once. Raises what CHECKED lists, RuleCodeTaken,
    TooManyRules."""
    actions.create_rule(code=body.code, document=body.document(), at=clock.now())
    audit("earning_rule.draft", _subject(body.code), after=body.document())
    if body.status == "published":
        _publish(body.code, actor, audit)
    return rule_detail(body.code)


@transaction.atomic
def change_rule(
    *, code: str, body: dict[str, Any], actor: str, audit: Audit
) -> shapes.RuleDetailOut:
    """Lay changes over the draft, and publish it when `status` says so.

    Raises RuleNotFound and what CHECKED lists.
    """
    changes = {name: value for name, value in body.items() if name != "status"}
    status = body.get("status", "draft")
    if status not in ("draft", "published"):
        raise errors.RuleInvalid(field="status", reason="expected `draft` or `published`")
    before = actions.latest_document(rule=get_rule(code=code, lock=True))
    row = actions.change_draft(code=code, changes=changes, at=clock.now())
    audit("earning_rule.draft", _subject(code), before=before, after=row.draft)
    if status == "published":
        _publish(code, actor, audit)
    return rule_detail(code)


@transaction.atomic
def publish_rule(
    *, code: str, body: shapes.PublicationIn, actor: str, audit: Audit
) -> shapes.RuleDetailOut:
    """Put the draft, or an earlier version, in force. Raises RuleNotFound, NothingToPublish,
    VersionNotFound and what CHECKED lists."""
    _publish(code, actor, audit, body)
    return rule_detail(code)


@transaction.atomic
def stop_rule(*, code: str, actor: str, audit: Audit) -> shapes.RuleDetailOut:
    """It gives nothing from now on. Raises RuleNotFound, NothingToPublish."""
    before = _in_force(get_rule(code=code, lock=True))
    version = actions.stop_rule(code=code, at=clock.now(), actor=actor)
    was = {"version": before["version"]} if before else None
    audit("earning_rule.stopped", _subject(code), before=was, after={"version": version.number})
    return rule_detail(code)


@transaction.atomic
def discard_draft(*, code: str, audit: Audit) -> None:
    """Drop what is being prepared; a rule that was never published goes with it.

    Raises RuleNotFound, NothingToPublish.
    """
    draft = actions.discard_draft(code=code, at=clock.now())
    audit("earning_rule.draft_discarded", _subject(code), before=draft)


def _publish(code: str, actor: str, audit: Audit, body: shapes.PublicationIn | None = None) -> None:
    row, wanted = get_rule(code=code, lock=True), body or shapes.PublicationIn()
    before = _in_force(row)
    version = actions.publish_rule(
        code=code, effective_from=wanted.effective_from, restores=wanted.restores,
        at=clock.now(), actor=actor,
    )  # fmt: skip
    begins = msgspec.to_builtins(version.effective_from)
    after = {**(version.document or {}), "version": version.number, "effective_from": begins}
    audit("earning_rule.published", _subject(code), before=before, after=after)


def _in_force(row: EarningRule) -> dict[str, Any] | None:
    """What the newest version says, as the log keeps it; None before the first."""
    newest = row.versions.order_by("-number").first()
    if newest is None:
        return None
    begins = msgspec.to_builtins(newest.effective_from)
    return {**(newest.document or {}), "version": newest.number, "effective_from": begins}


def _subject(code: str) -> str:
    return f"earning_rule:{code}"
