"""Extensions of expiry as both APIs make them."""

import uuid

from django.db import transaction

from kernel import clock
from points.flows.expiry_extended import extend_expiry, preview_extension
from points.interfaces import expiry_shapes as shapes
from points.interfaces.noting import Audit
from points.ledger.expiring import list_extensions


def extension_items() -> shapes.ExtensionItems:
    """The last 20, newest first."""
    return shapes.ExtensionItems(items=[shapes.extension(row) for row in list_extensions()])


@transaction.atomic
def extend(
    *,
    terms: shapes.ExtensionTerms,
    reason: str,
    member: uuid.UUID | None,
    actor: str,
    audit: Audit,
) -> shapes.ExtensionOut:
    """Let points of one member, or of everybody, live longer. Raises ExtensionTooEarly."""
    walk = extend_expiry(
        until=terms.until, ending_by=terms.ending_by, reason=reason, member_id=member,
        at=clock.now(), actor=actor,
    )  # fmt: skip
    audit("points.extended", f"extension:{walk.pk}", after=shapes.noted(walk))
    return shapes.extension(walk)


def preview(
    *, terms: shapes.ExtensionTerms, member: uuid.UUID | None
) -> shapes.ExtensionPreviewOut:
    """What an extension would move. Raises ExtensionTooEarly."""
    reach = preview_extension(
        until=terms.until, ending_by=terms.ending_by, at=clock.now(), member_id=member
    )
    return shapes.preview(reach)
