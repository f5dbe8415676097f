"""Points from member to member."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.ids import new_id
from points.flows.points_transferred import transfer_points
from points.interfaces import transfer_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import (
    InsufficientPoints,
    TransferLimitReached,
    TransfersClosed,
    TransferTooLarge,
    TransferToOneself,
    TransferTooSmall,
)
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id


class Transfers(PartnerEndpoint):
    """Giving points away."""

    @operation(
        summary="Transfer points from one member to another",
        description="Within the bounds of the programme's `transfers`. What expires soonest goes"
        " first, and keeps its date; the receiver's debt is paid first.",
        body=shapes.MemberTransferIn,
        answers={201: shapes.MemberTransferOut},
        refuses=[
            MemberNotFound, TransfersClosed, TransferToOneself, TransferTooSmall,
            TransferTooLarge, TransferLimitReached, InsufficientPoints, KeyReused,
        ],
        idempotency_key="required",
        scope="points:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MemberTransferIn) -> shapes.MemberTransferOut:
        sender = get_by_external_id(external_id=body.from_external_id)
        receiver = get_by_external_id(external_id=body.to_external_id)
        made = transfer_points(
            sender=sender.pk, receiver=receiver.pk, points=body.points, transfer_id=new_id(),
            at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shapes.MemberTransferOut(
            id=made.id, transaction_id=str(made.transaction_id), from_member_id=sender.pk,
            to_member_id=receiver.pk, points=made.points,
        )  # fmt: skip
