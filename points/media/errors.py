"""Pictures that are not taken, and why."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class NotAPicture(DomainError):
    code, status = "media.not_a_picture", 415
    message = gettext_lazy("This is not a picture we can read. Send a JPEG, PNG, WebP or GIF.")


class PictureAnimated(DomainError):
    code, status = "media.animated", 415
    message = gettext_lazy("Moving pictures are not taken. Send a still one.")


class PictureDamaged(DomainError):
    code, status = "media.damaged", 400
    message = gettext_lazy("The picture is damaged or was cut off.")


class PictureTooBig(DomainError):
    code, status = "media.too_many_bytes", 413
    message = gettext_lazy("A picture may have at most %(limit_mb)s MB.")


class TooManyPixels(DomainError):
    code, status = "media.too_many_pixels", 413
    message = gettext_lazy("A picture may have at most %(limit_megapixels)s megapixels.")


class PictureNotFound(DomainError):
    code, status = "media.picture_not_found", 404
    message = gettext_lazy("There is no such picture.")


class PictureInUse(DomainError):
    code = "media.picture_in_use"
    message = gettext_lazy("This picture is still shown in the shop or the mall.")
