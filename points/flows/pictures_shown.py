"""Where a merchant's pictures are shown: the shop and the mall hold them, and so they stay."""

import uuid

from django.db import transaction

from points.media.actions import remove_picture
from points.media.models import Picture
from points.media.queries import address_of, hold_pictures, id_in
from points.redemption.models import MallItem
from points.shop.queries import shows_picture


def hold_image(image: str) -> None:
    """Before an item of the mall names an image: one of the merchant's own stays until the caller's
    transaction ends. Built-in illustrations need nothing. Raises PictureNotFound."""
    if picture_id := id_in(address=image):
        hold_pictures(picture_ids=[picture_id])


@transaction.atomic
def forget_picture(*, picture_id: uuid.UUID) -> Picture:
    """Take a picture away that nothing shows. Raises PictureNotFound, PictureInUse."""
    return remove_picture(picture_id=picture_id, is_used=_is_shown)


def _is_shown(picture_id: uuid.UUID) -> bool:
    address = address_of(picture_id=picture_id)
    return shows_picture(picture_id=picture_id) or MallItem.objects.filter(image=address).exists()
