"""Coupon templates and coupons as the console and the partner API read and change them.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
"""

import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Page, given
from points.coupons import actions, queries, templates
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.queries import Figures
from points.interfaces import coupon_shapes as shapes
from points.interfaces.coupon_wording import CouponWordsOut
from points.interfaces.noting import Audit
from points.program.queries import get_program
from points.segments.actions import hold_segments
from points.tiers.queries import get_tier


def template_items(query: Page) -> shapes.CouponTemplateItems:
    """A page of templates, newest first. Three queries: templates, figures, programme."""
    before = decode_cursor(query.cursor, uuid.UUID)
    rows = queries.list_templates(limit=query.limit + 1, before=before)
    page, following = cut(rows, query.limit, lambda row: row.pk)
    figures, program = queries.figures_of(templates=page), get_program()
    return shapes.CouponTemplateItems(
        items=[shapes.template(row, figures[row.pk], program) for row in page], next=following
    )


def show_template(code: str) -> shapes.CouponTemplateOut:
    """One template: three queries. Raises TemplateNotFound."""
    row = queries.get_template(code=code)
    return _shown(row, queries.figures_of(templates=[row])[row.pk])


@transaction.atomic
def add_template(*, body: shapes.CouponTemplateIn, audit: Audit) -> shapes.CouponTemplateOut:
    """Raises TemplateCodeTaken, TemplateIncomplete, FundingSourceNotFound, SegmentNotFound,
    TierNotFound."""
    fields = msgspec.structs.asdict(body)
    _hold_audience(fields)
    row = templates.create_template(fields=fields, at=clock.now())
    audit("coupon_template.added", _subject(row), after=shapes.trace(row))
    return _shown(row, Figures())


@transaction.atomic
def change_template(
    *, code: str, body: shapes.CouponTemplateChange, audit: Audit
) -> shapes.CouponTemplateOut:
    """Raises as `add_template`, TemplateNotFound and TotalBelowIssued."""
    before = shapes.trace(queries.get_template(code=code))
    changes = given(body)
    _hold_audience(changes)
    row = templates.change_template(code=code, changes=changes, at=clock.now())
    audit("coupon_template.changed", _subject(row), before=before, after=shapes.trace(row))
    return show_template(code)


@transaction.atomic
def void_coupon(*, code: str, reason: str, actor: str, audit: Audit) -> shapes.CouponOut:
    """Take one back. Raises CouponNotFound, CouponUsed, CouponExpired, CouponLocked."""
    found = queries.get_coupon(code=code)
    at = clock.now()
    (row,) = actions.void(codes=[found.code], at=at, actor=actor, reason=reason)
    if found.state != row.state:
        audit(
            "coupon.voided", f"coupon:{row.pk}",
            after={"coupon": row.code, "template": row.template.code, "reason": reason},
        )  # fmt: skip
    return shapes.coupon(row, at, get_program())


def coupon_page(
    query: shapes.CouponQuery, at: datetime, **of: Any
) -> tuple[list[Coupon], str | None]:
    """A page of coupons, of a `member` or of a `template`, and the cursor of the next: one query."""
    rows = queries.list_coupons(
        at=at, limit=query.limit + 1, group=query.group,
        before=decode_cursor(query.cursor, uuid.UUID), **of,
    )  # fmt: skip
    page, following = cut(rows, query.limit, lambda row: row.pk)
    return list(page), following


def coupon_items(query: shapes.CouponQuery, **of: Any) -> shapes.CouponItems:
    """That page as an answer: two queries."""
    at, program = clock.now(), get_program()
    page, following = coupon_page(query, at, **of)
    return shapes.CouponItems(
        items=[shapes.coupon(row, at, program) for row in page], next=following
    )


def preview(body: shapes.CouponTemplateTerms) -> CouponWordsOut:
    """What a template would promise, in words; nothing is saved."""
    row = CouponTemplate(**msgspec.structs.asdict(body))
    return shapes.template_words(row, get_program())


def _hold_audience(fields: dict[str, Any]) -> None:
    """Who may claim must exist, and stays while the template is being saved."""
    if segment := fields.get("segment"):
        hold_segments(codes=[segment])
    for code in fields.get("tiers", []):
        get_tier(code=code)


def _shown(row: CouponTemplate, figures: Figures) -> shapes.CouponTemplateOut:
    return shapes.template(row, figures, get_program())


def _subject(row: CouponTemplate) -> str:
    return f"coupon_template:{row.code}"
