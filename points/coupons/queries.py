"""Reading coupons and their templates."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from django.db.models import F, Q

from kernel.db import connection
from points.coupons.calculations import (
    CouponLine,
    Discount,
    Refusal,
    discount_of,
    validity,
    written_code,
)
from points.coupons.errors import CouponNotFound, TemplateNotFound
from points.coupons.models import Coupon, CouponTemplate
from points.program.queries import get_program

Group = Literal["usable", "used", "expired"]
State = Coupon.State
LONGEST = 40


class Usable(msgspec.Struct, frozen=True):
    """A coupon of a member, and what it would take off a basket, or why nothing."""

    coupon: Coupon
    found: Discount | Refusal


class Figures(msgspec.Struct, frozen=True):
    """What became of a template's coupons, and what they cost in minor units.

    `issued`: all but the voided ones. A coupon that a refund gave back is used no longer."""

    issued: int = 0
    used: int = 0
    expired: int = 0
    voided: int = 0
    cost_cents: int = 0


def get_template(*, code: str) -> CouponTemplate:
    """Raises TemplateNotFound."""
    found = CouponTemplate.objects.filter(code=code).first()
    if found is None:
        raise TemplateNotFound()
    return found


def find_templates(*, codes: Iterable[str]) -> dict[str, CouponTemplate]:
    """Templates by their codes, those that are there. One query; none without codes."""
    wanted = sorted(set(codes))
    rows = CouponTemplate.objects.filter(code__in=wanted) if wanted else ()
    return {row.code: row for row in rows}


def find_refusals(*, codes: Iterable[str], member: uuid.UUID, at: datetime) -> dict[str, str]:
    """Why a member would get no coupon of these templates now, in the words of an issue's outcome;
    those that would be issued are left out. Three queries for any number; none without codes."""
    wanted = set(codes)
    if not wanted:
        return {}
    rows, calendar = find_templates(codes=wanted), get_program().calendar
    held = count_held(member=member, templates=rows.values())
    found = dict.fromkeys(wanted - rows.keys(), "inactive")
    for code, row in rows.items():
        ends = validity(
            valid_from=row.valid_from, valid_until=row.valid_until, valid_days=row.valid_days,
            at=at, calendar=calendar,
        )  # fmt: skip
        if why := _why_not(
            row, held.get(row.pk, 0), is_over=ends[1] is not None and ends[1] <= ends[0]
        ):
            found[code] = why
    return found


def _why_not(row: CouponTemplate, held: int, *, is_over: bool) -> str:
    """In the order in which an issue decides."""
    if is_over:
        return "over"
    if row.status != CouponTemplate.Status.ACTIVE:
        return "inactive"
    if row.per_member is not None and held >= row.per_member:
        return "limit"
    return "exhausted" if row.total is not None and row.issued_count >= row.total else ""


def list_templates(*, limit: int, before: uuid.UUID | None = None) -> list[CouponTemplate]:
    """Templates, newest first; `before` is the id of the last one seen."""
    rows = CouponTemplate.objects.order_by("-id")
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def list_claimable(*, at: datetime) -> list[CouponTemplate]:
    """What can be claimed at `at`, for whomever, newest first; those that are gone come last."""
    rows = CouponTemplate.objects.filter(
        Q(claim_from__isnull=True) | Q(claim_from__lte=at),
        Q(claim_until__isnull=True) | Q(claim_until__gt=at),
        Q(valid_until__isnull=True) | Q(valid_until__gt=at),
        status=CouponTemplate.Status.ACTIVE, is_claimable=True,
    )  # fmt: skip
    gone = Q(total__isnull=False, issued_count__gte=F("total"))
    return [*rows.exclude(gone).order_by("-id")[:100], *rows.filter(gone).order_by("-id")[:20]]


def templates_of_segment(code: str) -> list[str]:
    """What of the templates names a segment: `coupon_template:<code>`, stopped ones left out."""
    rows = CouponTemplate.objects.filter(segment=code).exclude(status="stopped")
    return [
        f"coupon_template:{one}" for one in rows.order_by("code").values_list("code", flat=True)
    ]


def figures_of(*, templates: Iterable[CouponTemplate]) -> dict[uuid.UUID, Figures]:
    """Template id → figures: one query, of an index, for any number."""
    ids = [row.pk for row in templates]
    with connection.cursor() as cursor:
        cursor.execute(
            "select template_id, count(*) filter (where state <> 'voided'),"
            " count(*) filter (where state = 'used'), count(*) filter (where state = 'expired'),"
            " count(*) filter (where state = 'voided'), coalesce(sum(discount_cents), 0)::bigint"
            " from coupons_coupon where template_id = any(%s) group by template_id",
            [ids],
        )
        found = {one: Figures(*rest) for one, *rest in cursor.fetchall()}
    return {one: found.get(one, Figures()) for one in ids}


def count_held(*, member: uuid.UUID, templates: Iterable[CouponTemplate]) -> dict[uuid.UUID, int]:
    """Template id → how many a member has got of it, voided ones left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select template_id, count(*) from coupons_coupon"
            " where member_id = %s and template_id = any(%s) and state <> 'voided' group by 1",
            [member, [row.pk for row in templates]],
        )
        return dict(cursor.fetchall())


def get_coupon(*, code: str, member: uuid.UUID | None = None) -> Coupon:
    """A coupon with its template, by its code as people type it; with `member` only that member's.

    Raises CouponNotFound.
    """
    rows = Coupon.objects.select_related("template").filter(code=written_code(code[:LONGEST]))
    found = (rows if member is None else rows.filter(member_id=member)).first()
    if found is None:
        raise CouponNotFound(coupon=code[:LONGEST])
    return found


def find_issued(*, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Coupon]:
    """Coupons by their ids, with templates."""
    return {row.pk: row for row in Coupon.objects.select_related("template").filter(pk__in=ids)}


def list_coupons(
    *,
    at: datetime,
    limit: int,
    member: uuid.UUID | None = None,
    template: uuid.UUID | None = None,
    group: Group | None = None,
    before: uuid.UUID | None = None,
) -> list[Coupon]:
    """Coupons with their templates, newest first; `before` is the id of the last one seen.

    A group is judged as of `at`: usable (held by a checkout ones too), used, or expired (voided ones
    too).
    """
    rows = Coupon.objects.select_related("template").order_by("-id")
    if member is not None:
        rows = rows.filter(member_id=member)
    if template is not None:
        rows = rows.filter(template_id=template)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if group is not None:
        rows = rows.filter(_in_group(group, at))
    return list(rows[:limit])


def usable(*, member: uuid.UUID, lines: Sequence[CouponLine], at: datetime) -> list[Usable]:
    """A member's living coupons with what each alone takes off these lines, best first. One query.

    First those that take something off, by how much, free shipping behind amounts; of equals the one
    that ends first. Then those that do not, the nearest to their threshold first.
    """
    rows = Coupon.objects.select_related("template").filter(
        _in_group("usable", at), member_id=member
    )
    return sorted((Usable(row, _judge(row, lines, at)) for row in rows), key=_rank)


def _in_group(group: Group, at: datetime) -> Q:
    free = Q(state=State.ISSUED) | Q(state=State.LOCKED, locked_until__lte=at)
    over = Q(valid_until__isnull=False, valid_until__lte=at)
    if group == "usable":
        return Q(state=State.LOCKED, locked_until__gt=at) | (free & ~over)
    if group == "used":
        return Q(state=State.USED)
    return Q(state__in=[State.EXPIRED, State.VOIDED]) | (free & over)


def _judge(row: Coupon, lines: Sequence[CouponLine], at: datetime) -> Discount | Refusal:
    if row.state_at(at) == State.LOCKED:
        return Refusal("locked")
    return Refusal("not_yet_valid") if row.valid_from > at else discount_of(row.terms, lines)


def _rank(one: Usable) -> tuple[object, ...]:
    ends = one.coupon.valid_until
    tail = (ends is None, ends.timestamp() if ends else 0.0, one.coupon.code)
    if isinstance(one.found, Discount):
        return (0, -one.found.total_cents, *tail)
    return (1, one.found.missing_cents or float("inf"), *tail)
