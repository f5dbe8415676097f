"""Every write of coupon templates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from points.coupons.errors import (
    TemplateCodeTaken,
    TemplateIncomplete,
    TemplateNotFound,
    TotalBelowIssued,
)
from points.coupons.models import CouponTemplate
from points.ledger.queries import get_funding_source

Status = CouponTemplate.Status


@transaction.atomic
def create_template(*, fields: Mapping[str, Any], at: datetime) -> CouponTemplate:
    """Add a template, of the model's fields. The merchant's own source pays unless one is named.

    Raises TemplateCodeTaken, TemplateIncomplete, FundingSourceNotFound.
    """
    row = CouponTemplate(created_at=at, changed_at=at, **fields)
    _check(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise TemplateCodeTaken(code=row.code) from None
    return row


@transaction.atomic
def change_template(*, code: str, changes: Mapping[str, Any], at: datetime) -> CouponTemplate:
    """Change a template; coupons that are out keep what they promise.

    Raises TemplateNotFound, TemplateIncomplete, TotalBelowIssued, FundingSourceNotFound; nothing
    has changed then.
    """
    row = CouponTemplate.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise TemplateNotFound()
    for field, value in changes.items():
        setattr(row, field, value)
    _check(row)
    if row.total is not None and row.total < row.issued_count:
        raise TotalBelowIssued(issued=row.issued_count)
    row.changed_at = at
    row.stopped_at = (row.stopped_at or at) if row.status == Status.STOPPED else None
    row.save(update_fields=[*changes, "funding_source", "changed_at", "stopped_at"])
    return row


def stop_template(*, code: str, at: datetime) -> CouponTemplate:
    """Issue no more of it; those that are out can be used on. Raises TemplateNotFound."""
    return change_template(code=code, changes={"status": Status.STOPPED}, at=at)


def _check(row: CouponTemplate) -> None:
    """Refuse a template that contradicts itself; fill in who pays."""
    row.funding_source = get_funding_source(code=row.funding_source or "merchant").code
    field = _contradiction(row)
    if field is not None:
        raise TemplateIncomplete(field=field)


def _contradiction(row: CouponTemplate) -> str | None:
    needed = {"amount_off": "amount_cents", "percent_off": "rate", "free_shipping": None}
    for name in ("amount_cents", "rate"):
        if (getattr(row, name) is not None) != (needed[row.kind] == name):
            return name
    if row.cap_cents is not None and row.kind != row.Kind.PERCENT_OFF:
        return "cap_cents"
    if not (row.name_zh or row.name_en):
        return "name_zh"
    if row.scope != row.Scope.ALL and not getattr(row, row.scope):
        return row.scope
    return _contradicting_dates(row)


def _contradicting_dates(row: CouponTemplate) -> str | None:
    for first, last in (("valid_from", "valid_until"), ("claim_from", "claim_until")):
        begins, ends = getattr(row, first), getattr(row, last)
        if begins and ends and ends <= begins:
            return last
    return None
