"""Letting points live longer."""

import uuid

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.shapes import Slugish
from points.interfaces import expiry
from points.interfaces import expiry_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import ExtensionNotFound, ExtensionTooEarly
from points.ledger.expiring import get_extension
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
        return expiry.extension_items()

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
        return expiry.extend(
            terms=body, reason=body.reason, member=_member(body.member_external_id),
            actor=self.actor, audit=self.audit,
        )  # fmt: skip


class ExtensionView(PartnerEndpoint):
    """One extension."""

    @operation(
        summary="Get an extension of expiry",
        answers={200: shapes.ExtensionOut},
        refuses=[ExtensionNotFound],
        scope="points:read",
    )
    def get(self, request: Request, extension_id: str) -> shapes.ExtensionOut:
        parsed = require_id(extension_id, ExtensionNotFound)
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
        return expiry.preview(terms=body, member=_member(body.member_external_id))


def _member(external_id: str | None) -> uuid.UUID | None:
    return get_by_external_id(external_id=external_id).pk if external_id else None
