"""The member gives points to somebody: who, how many, done."""

import uuid

from django.core import signing
from rest_framework.request import Request

from kernel import clock, limits
from kernel.api import operation
from kernel.api.endpoint import raw_request
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, NotSignedIn, RateLimited
from kernel.db import connection
from kernel.ids import new_id
from points.flows.points_transferred import find_receiver, get_terms, transfer_points
from points.interfaces import transfer_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint
from points.ledger.errors import (
    InsufficientPoints,
    ReceiverUnknown,
    TransferLimitReached,
    TransfersClosed,
    TransferTooLarge,
    TransferToOneself,
    TransferTooSmall,
)
from points.ledger.queries import get_balance
from points.members.calculations import mask_name
from points.members.errors import MemberNotFound

RECEIVER_KNOWN_FOR = 600  # seconds


class TransferReceivers(MemberEndpoint):
    """Who a phone number or a code belongs to: 4 queries."""

    @operation(
        summary="Look up who is to receive points",
        description="By phone number, or by the code a member shows at the till. Few look-ups an"
        " hour, found or not.",
        body=shapes.ReceiverIn,
        answers={201: shapes.ReceiverOut},
        refuses=[
            NotSignedIn, CsrfFailed, TransfersClosed, RateLimited, MemberNotFound,
            TransferToOneself,
        ],
    )  # fmt: skip
    def post(self, request: Request, body: shapes.ReceiverIn) -> shapes.ReceiverOut:
        place = limits.client_address(raw_request(request))
        found = find_receiver(sender=self.member.pk, text=body.phone_or_code, place=place)
        return shapes.ReceiverOut(
            token=_token(self.member.pk, found.pk), name=mask_name(found.name) or None
        )


class Transfers(MemberEndpoint):
    """What may be given away, and giving it."""

    @operation(
        summary="Look at how many points I may give away",
        answers={200: shapes.TransferTermsOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> shapes.TransferTermsOut:
        terms = get_terms(member=self.member.pk, at=clock.now())
        return shapes.TransferTermsOut(
            is_open=terms.is_open, available=terms.available, min_points=terms.min_points,
            max_points=terms.max_points, left_today=terms.left_today,
            left_this_month=terms.left_this_month,
        )  # fmt: skip

    @operation(
        summary="Give points to another member",
        description="`receiver_token` is what the look-up answered, within ten minutes.",
        body=shapes.TransferIn,
        answers={201: shapes.TransferOut},
        refuses=[
            NotSignedIn, CsrfFailed, ReceiverUnknown, TransfersClosed, TransferToOneself,
            TransferTooSmall, TransferTooLarge, TransferLimitReached, InsufficientPoints, KeyReused,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.TransferIn) -> shapes.TransferOut:
        at = clock.now()
        made = transfer_points(
            sender=self.member.pk, receiver=_receiver(self.member.pk, body.receiver_token),
            points=body.points, transfer_id=new_id(), at=at, actor=self.actor,
        )  # fmt: skip
        available = get_balance(member=self.member.pk, at=at).available
        return shapes.TransferOut(id=made.id, points=made.points, available=available)


def _salt() -> str:
    """Signed for one shop only: another shop's receivers are strangers here."""
    return f"transfer-receiver:{connection.schema_name}"


def _token(sender: uuid.UUID, receiver: uuid.UUID) -> str:
    return signing.dumps([sender.hex, receiver.hex], salt=_salt())


def _receiver(sender: uuid.UUID, token: str) -> uuid.UUID:
    """Raises ReceiverUnknown unless this sender was given the token a short while ago."""
    try:
        of, receiver = signing.loads(token, salt=_salt(), max_age=RECEIVER_KNOWN_FOR)
    except signing.BadSignature:
        raise ReceiverUnknown() from None
    if of != sender.hex:
        raise ReceiverUnknown()
    return uuid.UUID(receiver)
