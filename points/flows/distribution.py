"""Who may become a distributor, and below whom: the programme decides with `referral`."""

import uuid
from datetime import datetime

from django.db import transaction

from points.program.queries import get_program
from points.referral import distributors
from points.referral.errors import ApplicationsClosed, DistributionClosed
from points.referral.models import Distributor


@transaction.atomic
def apply_as_distributor(*, member_id: uuid.UUID, message: str, at: datetime) -> Distributor:
    """A member applies; it costs nothing. Raises DistributionClosed, ApplicationsClosed,
    AlreadyDistributor, MemberMerged, MemberNotFound."""
    rule = get_program().settings.distribution
    if not rule.is_on:
        raise DistributionClosed()
    if not rule.takes_applications:
        raise ApplicationsClosed()
    return distributors.apply(member_id=member_id, message=message, at=at)
