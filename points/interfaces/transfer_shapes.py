"""Bodies and answers of transfers between members, on every surface."""

import uuid
from typing import Annotated

import msgspec

from kernel.shapes import Body, Points, Slugish


class MemberTransferIn(Body, kw_only=True):
    from_external_id: Slugish
    to_external_id: Slugish
    points: Points


class MemberTransferOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    transaction_id: str
    from_member_id: uuid.UUID
    to_member_id: uuid.UUID
    points: int


class ReceiverIn(Body, kw_only=True):
    phone_or_code: Annotated[str, msgspec.Meta(min_length=1, max_length=30)]


class ReceiverOut(msgspec.Struct, kw_only=True):
    token: Annotated[str, msgspec.Meta(description="Names the receiver for ten minutes")]
    name: Annotated[str | None, msgspec.Meta(description="Masked: the first character")]


class TransferIn(Body, kw_only=True):
    receiver_token: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    points: Points


class TransferOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    points: int
    available: int


class TransferTermsOut(msgspec.Struct, kw_only=True):
    is_open: bool
    available: int
    min_points: int
    max_points: Annotated[
        int, msgspec.Meta(description="The most that can be given now; 0 when nothing can")
    ]
    left_today: int | None
    left_this_month: int | None
