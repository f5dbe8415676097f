"""What the stored function `coupons_issue` has to be told of a template."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from kernel.clock import Calendar
from points.coupons.calculations import validity
from points.coupons.errors import TemplateOver
from points.coupons.models import CouponTemplate, stamped
from points.coupons.queries import find_templates
from points.program.queries import get_program

# The body of `coupons_issue` but its rows, or the word for why nothing can be issued.
IssueBody = Mapping[str, Any] | Literal["inactive", "over"]


def issue_bodies(*, codes: Iterable[str], at: datetime, actor: str) -> dict[str, IssueBody]:
    """Template code → the body of `coupons_issue` without its rows, for a stored function that issues
    one in the middle of something larger: it skips what is refused. Two queries for any number."""
    rows = find_templates(codes=codes)
    calendar = get_program().calendar
    return {code: _body_or_why(rows.get(code), at, actor, calendar) for code in codes}


def _body_or_why(
    template: CouponTemplate | None, at: datetime, actor: str, calendar: Calendar
) -> IssueBody:
    if template is None:
        return "inactive"
    try:
        return template_body(template, at, actor, calendar, skips=True)
    except TemplateOver:
        return "over"


def template_body(
    template: CouponTemplate, at: datetime, actor: str, calendar: Calendar, *, skips: bool
) -> dict[str, Any]:
    """What a coupon of it promises, and from when until when, if it is issued at `at`.

    Raises TemplateOver.
    """
    begins, ends = validity(
        valid_from=template.valid_from, valid_until=template.valid_until,
        valid_days=template.valid_days, at=at, calendar=calendar,
    )  # fmt: skip
    if ends is not None and ends <= begins:
        raise TemplateOver()
    return {
        "template": template.pk, "actor": actor, "skips": skips, "terms": stamped(template.terms),
        "valid_from": begins, "valid_until": ends,
    }  # fmt: skip
