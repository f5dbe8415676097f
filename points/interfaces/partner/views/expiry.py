"""Letting points live longer."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.ids import parse_id
from kernel.shapes import Slugish
from points.flows.expiry_extended import extend_expiry, preview_extension
from points.interfaces import expiry_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import ExtensionNotFound, ExtensionTooEarly
from points.ledger.expiring import get_extension, list_extensions
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id


class MemberExtensionIn(shapes.ExtensionIn, kw_only=True):
    """Of one member, or of everybody when none is named."""

    member_external_id: Slugish | None = None


class MemberExtensionTerms(shapes.ExtensionTerms, kw_only=True):
    """Of one member, or of everybody when none is named."""

    member_external_id: Slugish | None = None


class Extensions(PartnerEndpoint):
    """Extensions of expiry."""

    @operation(
        summary="List the latest extensions of expiry",
        description="The last 20, newest first.",
        answers={200: shapes.ExtensionItems},
        scope="points:read",
    )
    def get(self, request: Request) -> shapes.ExtensionItems:
        return shapes.ExtensionItems(items=[shapes.extension(row) for row in list_extensions()])

    @operation(
        summary="Let points live longer",
        description=(
            "Open lots that end sooner live to the end of `until`, a day of the shop; none ends"
            " sooner than before, and what has expired stays expired. Without a member it is for"
            " everybody; a large shop's goes on in the background (`status`: running)."
        ),
        body=MemberExtensionIn,
        answers={201: shapes.ExtensionOut},
        refuses=[MemberNotFound, ExtensionTooEarly, KeyReused],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: MemberExtensionIn) -> shapes.ExtensionOut:
        member = _member(body.member_external_id)
        with transaction.atomic():
            walk = extend_expiry(
                until=body.until, ending_by=body.ending_by, reason=body.reason, member_id=member,
                at=clock.now(), actor=self.actor,
            )  # fmt: skip
            self.audit("points.extended", f"extension:{walk.pk}", after=shapes.noted(walk))
        return shapes.extension(walk)


class ExtensionView(PartnerEndpoint):
    """One extension."""

    @operation(
        summary="Get an extension of expiry",
        answers={200: shapes.ExtensionOut},
        refuses=[ExtensionNotFound],
        scope="points:read",
    )
    def get(self, request: Request, extension_id: str) -> shapes.ExtensionOut:
        parsed = parse_id(extension_id)
        if parsed is None:
            raise ExtensionNotFound()
        return shapes.extension(get_extension(extension_id=parsed))


class ExtensionPreviews(PartnerEndpoint):
    """What an extension would move."""

    @operation(
        summary="Preview an extension of expiry",
        description="Members, lots and points that would live longer; nothing is changed.",
        body=MemberExtensionTerms,
        answers={200: shapes.ExtensionPreviewOut},
        refuses=[MemberNotFound, ExtensionTooEarly],
        scope="points:read",
    )
    def post(self, request: Request, body: MemberExtensionTerms) -> shapes.ExtensionPreviewOut:
        reach = preview_extension(
            until=body.until, ending_by=body.ending_by, at=clock.now(),
            member_id=_member(body.member_external_id),
        )  # fmt: skip
        return shapes.preview(reach)


def _member(external_id: str | None) -> uuid.UUID | None:
    return get_by_external_id(external_id=external_id).pk if external_id else None
