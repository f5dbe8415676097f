"""Tiers, and where members stand, as both APIs read and change them.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
"""

from django.db import transaction

from kernel import clock
from points.coupons.queries import get_template
from points.flows.member_tier import read_membership
from points.interfaces import tier_shapes as shapes
from points.interfaces.finding import find_member
from points.interfaces.noting import Audit
from points.members.models import Member
from points.program.queries import get_program
from points.tiers import actions, queries
from points.tiers.models import Tier


def tier_items() -> shapes.TierItems:
    """The ladder, lowest first, with how many members are on each. Three queries, two more if one gives
    coupons."""
    today = get_program().calendar.day_of(clock.now())
    return shapes.tiers(queries.list_tiers(), today)


def show_tier(code: str) -> shapes.TierOut:
    """One tier. Two queries. Raises TierNotFound."""
    return _shown(queries.get_tier(code=code))


@transaction.atomic
def add_tier(*, body: shapes.TierIn, audit: Audit) -> shapes.TierOut:
    """A new tier. Raises TierCodeTaken, ThresholdTaken, TooManyTiers, BenefitsInvalid,
    TemplateNotFound."""
    _check_coupon(body)
    row = actions.create_tier(fields=shapes.fields_of(body), at=clock.now())
    audit("tier.added", _subject(row), after=shapes.snapshot(row))
    return _shown(row)


@transaction.atomic
def change_tier(*, code: str, body: shapes.TierChange, audit: Audit) -> shapes.TierOut:
    """Change what was named. Raises TierNotFound, ThresholdTaken, BenefitsInvalid, TemplateNotFound."""
    _check_coupon(body)
    before = shapes.snapshot(queries.get_tier(code=code))
    row = actions.change_tier(code=code, changes=shapes.fields_of(body))
    audit("tier.changed", _subject(row), before=before, after=shapes.snapshot(row))
    return _shown(row)


def member_tier(member_id: str) -> shapes.MemberTierOut:
    """Where a member stands. Seven queries. Raises MemberNotFound."""
    return _standing(find_member(member_id))


@transaction.atomic
def set_tier(
    *, member_id: str, body: shapes.ManualTierIn, actor: str, audit: Audit
) -> shapes.MemberTierOut:
    """Set a member's tier by hand. Raises MemberNotFound, TierNotFound, DateNotAhead."""
    member = find_member(member_id)
    actions.set_by_hand(
        member_id=member.pk, code=body.tier, until=body.until, reason=body.reason.strip(),
        at=clock.now(), actor=actor,
    )  # fmt: skip
    after = {"tier": body.tier, "until": body.until.isoformat(), "reason": body.reason}
    audit("member_tier.set", f"member:{member.pk}", after=after)
    return _standing(member)


@transaction.atomic
def release_tier(
    *, member_id: str, body: shapes.TierReleaseIn, actor: str, audit: Audit
) -> shapes.MemberTierOut:
    """End a tier set by hand. Raises MemberNotFound, NotSetByHand."""
    member = find_member(member_id)
    actions.release(member_id=member.pk, reason=body.reason.strip(), at=clock.now(), actor=actor)
    audit("member_tier.released", f"member:{member.pk}", after={"reason": body.reason})
    return _standing(member)


def _shown(row: Tier) -> shapes.TierOut:
    ladder = queries.list_tiers()
    return shapes.tier(row, ladder, shapes.templates_of([row]))


def _check_coupon(body: shapes.TierIn | shapes.TierChange) -> None:
    """Raises TemplateNotFound."""
    code = body.benefits.monthly_coupon if body.benefits else ""
    if code:
        get_template(code=code)


def _standing(member: Member) -> shapes.MemberTierOut:
    found = read_membership(member_id=member.pk, at=clock.now())
    return shapes.member_tier(
        member.pk, found.progress, found.moves, found.ladder, found.program, is_for_staff=True
    )


def _subject(row: Tier) -> str:
    return f"tier:{row.code}"
