"""What a member sees of inviting: read once, for one page."""

from datetime import datetime
from typing import Literal, cast

from points.flows.referral_claimed import can_claim
from points.interfaces import referral_shapes as shapes
from points.interfaces.storefront import referral_schemas as schemas
from points.members.calculations import mask_name
from points.members.models import Member
from points.members.queries import list_names
from points.program.queries import ActiveProgram, get_program
from points.referral import queries
from points.referral.actions import ensure_code
from points.referral.models import Commission, Referral

GUESTS = 50
_SHOWN = ("joined", "ordered", "rewarded", "ended")


def read_referral(*, member: Member, site: str, at: datetime) -> schemas.MyReferralOut:
    """A member's invitations; the code is drawn at the first look."""
    program = get_program()
    code = ensure_code(member=member)
    own = queries.get_referral_of(member_id=member.pk)
    rows = [
        row for row in queries.list_referrals(limit=GUESTS, inviter=member.pk)
        if row.status in _SHOWN
    ]  # fmt: skip
    names = list_names(
        members=[row.member_id for row in rows]
        + ([own.inviter_id] if own and own.inviter_id else [])
    )
    joined, rewarded, points = queries.count_by_inviter(inviter=member.pk)
    return schemas.MyReferralOut(
        code=code, link=shapes.link_of(site, code), first_name=first_name(member.name),
        terms=_terms(program),
        can_claim=can_claim(
            member_id=member.pk, joined_at=member.joined_at, orders=member.orders_count, at=at
        ),
        came_by=mask_name(names[own.inviter_id][1]) or None if own and own.inviter_id else None,
        joined=joined, rewarded=rewarded, points=points,
        guests=[_guest(row, names[row.member_id][1]) for row in rows],
        distribution=_distribution(member, program),
    )  # fmt: skip


def first_name(name: str) -> str | None:
    """What a poster calls a member: the first word, or a Chinese name as it is."""
    return name.split()[0][:20] if name.split() else None


def my_commission(row: Commission) -> schemas.MyCommissionOut:
    """A commission without who bought."""
    return schemas.MyCommissionOut(
        id=row.pk, level=cast(Literal[1, 2], row.level), rate=row.rate,
        amount_cents=row.amount_cents, taken_back_cents=row.taken_back_cents,
        status=cast(shapes.CommissionStatus, row.status), earned_at=row.earned_at,
        closes_at=row.closes_at,
    )  # fmt: skip


def _terms(program: ActiveProgram) -> schemas.ReferralTermsOut:
    rule = program.settings.referral
    return schemas.ReferralTermsOut(
        is_on=rule.is_on, inviter_points=rule.inviter_points, invitee_points=rule.invitee_points,
        min_order_cents=rule.min_order_cents, order_within_days=rule.order_within_days,
        return_window_days=program.settings.earning.return_window_days,
        claim_within_days=rule.claim_within_days,
        inviter_monthly_rewards=rule.inviter_monthly_rewards,
    )  # fmt: skip


def _guest(row: Referral, name: str) -> schemas.GuestOut:
    return schemas.GuestOut(
        id=row.pk, name=mask_name(name) or None, joined_at=row.claimed_at,
        status=row.status, reason=row.reason, points=row.inviter_points,  # type: ignore[arg-type]
    )  # fmt: skip


def _distribution(member: Member, program: ActiveProgram) -> schemas.DistributionOut:
    rule = program.settings.distribution
    row = queries.find_distributor(member_id=member.pk)
    sums = queries.sum_commissions(members=[member.pk]).get(member.pk)
    return schemas.DistributionOut(
        is_on=rule.is_on, takes_applications=rule.takes_applications,
        status=cast(shapes.DistributorStatus, row.status) if row else None,
        level=cast(Literal[1, 2], row.level) if row and row.status == "active" else None,
        level1_rate=rule.level1_rate, level2_rate=rule.level2_rate, sums=shapes.sums(sums),
    )  # fmt: skip
