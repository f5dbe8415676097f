"""From an uploaded file to the pictures we serve: decoded and drawn anew, so that nothing of the
file itself gets through."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.Image import DecompressionBombError, DecompressionBombWarning

from points.media.errors import (
    NotAPicture,
    PictureAnimated,
    PictureDamaged,
    PictureTooBig,
    TooManyPixels,
)

LIMIT_BYTES = 8 * 1024 * 1024
# A 40-megapixel picture takes 160 MB while it is decoded.
LIMIT_PIXELS = 40_000_000
LARGEST_SIDE, SMALL_SIDE = 1_600, 480
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture ready to be kept: WebP in two sizes, and what it was made of."""

    digest: bytes
    width: int
    height: int
    large: bytes
    small: bytes


def digest_of(raw: bytes) -> bytes:
    """What tells two files apart: SHA-256 of their bytes."""
    return hashlib.sha256(raw).digest()


def render(raw: bytes) -> Rendition:
    """Draw an uploaded file anew: WebP of at most 1600 px and of 480 px, upright, without metadata.

    Never enlarged. Raises PictureTooBig, NotAPicture (SVG among them), PictureAnimated,
    TooManyPixels, PictureDamaged.
    """
    if len(raw) > LIMIT_BYTES:
        raise PictureTooBig(limit_mb=LIMIT_BYTES // 1024**2)
    large = _scaled(_decode(raw), LARGEST_SIDE)
    return Rendition(
        digest=digest_of(raw), width=large.width, height=large.height, large=_webp(large),
        small=_webp(_scaled(large.copy(), SMALL_SIDE)),
    )  # fmt: skip


def _decode(raw: bytes) -> Image.Image:
    image = _open(raw)
    try:
        # JPEG alone: decoded at a fraction of its size where that is enough.
        image.draft("RGB", (2 * LARGEST_SIDE, 2 * LARGEST_SIDE))
        image.load()
        return _plain(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise PictureDamaged() from error


def _open(raw: bytes) -> Image.Image:
    """The file's header, judged before a single pixel is decoded."""
    try:
        image = Image.open(BytesIO(raw), formats=FORMATS)
    except (DecompressionBombError, DecompressionBombWarning):
        raise _too_many() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise NotAPicture() from error
    if image.width * image.height > LIMIT_PIXELS:
        raise _too_many()
    if getattr(image, "is_animated", False):
        raise PictureAnimated()
    return image


def _too_many() -> TooManyPixels:
    return TooManyPixels(limit_megapixels=LIMIT_PIXELS // 1_000_000)


def _plain(image: Image.Image) -> Image.Image:
    """In RGB or RGBA and in the colours of the web; a profile of its own is worked in and dropped."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            web = ImageCms.createProfile("sRGB")
            moved = ImageCms.profileToProfile(image, own, web, outputMode=mode)
            image = moved or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile changes shades, not whether there is a picture
    return image.convert(mode)


def _scaled(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _webp(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile="")
    return out.getvalue()
