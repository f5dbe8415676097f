"""Letting points live longer."""

import uuid

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.interfaces import expiry
from points.interfaces import expiry_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.ledger.errors import ExtensionTooEarly
from points.members.errors import MemberNotFound
from points.members.queries import get_member


class ExtensionOfMemberIn(shapes.ExtensionIn, kw_only=True):
    """Of one member, or of everybody when none is named."""

    member_id: uuid.UUID | None = None


class ExtensionOfMemberTerms(shapes.ExtensionTerms, kw_only=True):
    """Of one member, or of everybody when none is named."""

    member_id: uuid.UUID | None = None


class Extensions(ConsoleEndpoint):
    """Extensions of expiry."""

    @operation(
        summary="List the latest extensions of expiry",
        description="The last 20, newest first.",
        answers={200: shapes.ExtensionItems},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.ExtensionItems:
        return expiry.extension_items()

    @operation(
        summary="Let points live longer",
        description="Of one member with `points:write`, of everybody with `settings:write` too."
        " Lots that end sooner live to the end of `until`; none ends sooner than before.",
        body=ExtensionOfMemberIn,
        answers={201: shapes.ExtensionOut},
        refuses=[MemberNotFound, ExtensionTooEarly, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: ExtensionOfMemberIn) -> shapes.ExtensionOut:
        self._check_reach(body.member_id)
        return expiry.extend(
            terms=body, reason=body.reason.strip(), member=body.member_id, actor=self.staff.actor,
            audit=self.audit,
        )  # fmt: skip

    def _check_reach(self, member_id: uuid.UUID | None) -> None:
        if member_id is None:
            self.check_scope("settings:write")
        else:
            get_member(member_id=member_id)


class ExtensionPreviews(ConsoleEndpoint):
    """What an extension would move."""

    @operation(
        summary="Preview an extension of expiry",
        description="Members, lots and points that would live longer; nothing is changed.",
        body=ExtensionOfMemberTerms,
        answers={200: shapes.ExtensionPreviewOut},
        refuses=[ExtensionTooEarly, *CHANGING],
        scope="points:write",
    )
    def post(self, request: Request, body: ExtensionOfMemberTerms) -> shapes.ExtensionPreviewOut:
        return expiry.preview(terms=body, member=body.member_id)
