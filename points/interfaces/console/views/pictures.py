"""Pictures of the shop and the mall."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page, Upload
from points.flows.pictures_shown import forget_picture
from points.interfaces import shop_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.finding import require_id
from points.media.actions import add_picture
from points.media.errors import (
    NotAPicture,
    PictureAnimated,
    PictureDamaged,
    PictureInUse,
    PictureNotFound,
    PictureTooBig,
    TooManyPixels,
)
from points.media.queries import list_pictures


class Pictures(ConsoleEndpoint):
    """What was uploaded."""

    @operation(
        summary="List pictures, newest first",
        query=Page,
        answers={200: shapes.PictureItems},
        refuses=[InvalidCursor, *READING],
        scope="shop:read",
    )
    def get(self, request: Request, query: Page) -> shapes.PictureItems:
        before = decode_cursor(query.cursor, uuid.UUID)
        found = list_pictures(limit=query.limit + 1, before=before)
        page, following = cut(found, query.limit, lambda row: row.pk)
        return shapes.PictureItems(items=[shapes.picture(row) for row in page], next=following)

    @operation(
        summary="Upload a picture",
        description="A JPEG, PNG, WebP or still GIF of at most 8 MB and 40 megapixels. It is drawn"
        " anew as WebP, upright and without metadata. The same file again is the same picture.",
        body=Upload,
        answers={201: shapes.PictureOut},
        refuses=[
            NotAPicture, PictureAnimated, PictureDamaged, PictureTooBig, TooManyPixels, *CHANGING,
        ],
        scope="shop:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: Upload) -> shapes.PictureOut:
        now = clock.now()
        row = add_picture(raw=body.raw, file_name=body.name, at=now)
        if row.created_at == now:
            after = {"file_name": row.file_name, "width": row.width, "height": row.height}
            self.audit("picture.added", f"picture:{row.pk}", after=after)
        return shapes.picture(row)


class PictureView(ConsoleEndpoint):
    """One picture."""

    @operation(
        summary="Delete a picture that nothing shows",
        answers={204: None},
        refuses=[PictureNotFound, PictureInUse, *CHANGING],
        scope="shop:write",
    )
    @transaction.atomic
    def delete(self, request: Request, picture_id: str) -> None:
        row = forget_picture(picture_id=require_id(picture_id, PictureNotFound))
        self.audit("picture.removed", f"picture:{row.pk}", before={"file_name": row.file_name})
