"""Reading pictures; their bytes only where they are served."""

import re
import uuid
from collections.abc import Iterable

from kernel.db import connection
from kernel.ids import parse_id
from points.media.errors import PictureNotFound
from points.media.models import Picture

_ADDRESS = re.compile(r"/media/([0-9a-f-]{36})\.webp")


def address_of(*, picture_id: uuid.UUID | str) -> str:
    """Where a picture is served on the merchant's own host."""
    return f"/media/{picture_id}.webp"


def id_in(*, address: str) -> uuid.UUID | None:
    """The picture an address names; None for anything else, such as a built-in illustration."""
    found = _ADDRESS.fullmatch(address)
    return parse_id(found[1]) if found else None


def list_pictures(*, limit: int, before: uuid.UUID | None = None) -> list[Picture]:
    """Newest first, without their bytes; `before` is the last one seen."""
    rows = Picture.objects.defer("large", "small", "digest").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def read_picture(*, picture_id: uuid.UUID, is_small: bool) -> bytes:
    """The WebP file in one of its sizes. One query. Raises PictureNotFound."""
    column = "small" if is_small else "large"
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from media_picture where id = %s", [picture_id])
        row = cursor.fetchone()
    if row is None:
        raise PictureNotFound()
    return bytes(row[0])


def hold_pictures(*, picture_ids: Iterable[uuid.UUID]) -> None:
    """Keep pictures from being removed until the caller's transaction ends; who names one in a row
    of his own calls it first. Raises PictureNotFound."""
    wanted = sorted(set(picture_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from media_picture where id = any(%s::uuid[]) order by id for key share",
            [wanted],
        )
        if len(cursor.fetchall()) < len(wanted):
            raise PictureNotFound()
