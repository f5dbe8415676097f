"""Every write of pictures."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from points.media.calculations import LIMIT_BYTES, digest_of, render
from points.media.errors import PictureInUse, PictureNotFound, PictureTooBig
from points.media.models import Picture


def add_picture(*, raw: bytes, file_name: str = "", at: datetime) -> Picture:
    """Keep an uploaded file as a picture; the same file again is the picture that is there.

    Raises PictureTooBig, NotAPicture, PictureAnimated, TooManyPixels, PictureDamaged.
    """
    if len(raw) > LIMIT_BYTES:
        raise PictureTooBig(limit_mb=LIMIT_BYTES // 1024**2)
    known = Picture.objects.filter(digest=digest_of(raw)).defer("large", "small").first()
    if known is not None:
        return known
    made = render(raw)
    row = Picture(
        digest=made.digest, width=made.width, height=made.height, large=made.large,
        small=made.small, file_name=file_name[:200], created_at=at,
    )  # fmt: skip
    # Of two that upload the same file at once, the second gets the first one's picture.
    Picture.objects.bulk_create([row], ignore_conflicts=True)
    return Picture.objects.defer("large", "small").get(digest=made.digest)


@transaction.atomic
def remove_picture(*, picture_id: uuid.UUID, is_used: Callable[[uuid.UUID], bool]) -> Picture:
    """Take a picture away for good; `is_used` asks those who may show it.

    It is asked under the lock that `queries.hold_pictures` waits for, so that nobody begins to show
    it meanwhile. Raises PictureNotFound, PictureInUse.
    """
    row = Picture.objects.select_for_update().defer("large", "small").filter(pk=picture_id).first()
    if row is None:
        raise PictureNotFound()
    if is_used(row.pk):
        raise PictureInUse()
    Picture.objects.filter(pk=picture_id).delete()
    return row
