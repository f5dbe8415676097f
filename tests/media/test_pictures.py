"""Pictures: what is taken, what is made of it, what is refused, who is served."""

import zlib
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from kernel.ids import new_id
from points.flows.pictures_shown import forget_picture, hold_image
from points.media.actions import add_picture
from points.media.calculations import render
from points.media.errors import (
    NotAPicture,
    PictureAnimated,
    PictureDamaged,
    PictureInUse,
    PictureNotFound,
    PictureTooBig,
    TooManyPixels,
)
from points.media.models import Picture
from points.redemption.actions import create_item
from points.shop.actions import change_product, create_product
from tests.support.http import host_of

ORIENTATION, MAKER = 0x0112, 0x010F
CAMERA = "SecretCamera"


def file_of(kind="JPEG", size=(60, 40), colour="red", mode="RGB", **options):
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def photo():
    """A photo held upright by its EXIF, with the camera's name in it."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, CAMERA
    return file_of(size=(2_000, 1_000), exif=exif)


def png_of(width, height):
    """A PNG whose header promises a size and whose data is next to nothing: a bomb."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    data = zlib.compress(bytes(1_000))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def animation(kind):
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def test_a_photo_is_drawn_anew_upright_and_small():
    made = render(photo())
    assert (made.width, made.height) == (800, 1_600)
    for contents, longest in ((made.large, 1_600), (made.small, 480)):
        found = Image.open(BytesIO(contents))
        assert (found.format, max(found.size)) == ("WEBP", longest)
        assert dict(found.getexif()) == {} and CAMERA.encode() not in contents


@pytest.mark.parametrize(
    "raw",
    [
        file_of("PNG", mode="RGBA", colour=(0, 0, 0, 0)),
        file_of("PNG", mode="P", colour=1),
        file_of("PNG", mode="LA", colour=(1, 2)),
        file_of("JPEG", mode="CMYK", colour=(1, 2, 3, 4)),
        file_of("GIF"),
        file_of("WEBP"),
        file_of("PNG", size=(1, 1)),
    ],
)
def test_small_pictures_of_every_kind_keep_their_size(raw):
    made = render(raw)
    assert Image.open(BytesIO(made.large)).size == (made.width, made.height)


def test_what_is_seen_through_stays_so():
    made = render(file_of("PNG", mode="RGBA", colour=(10, 20, 30, 0)))
    assert Image.open(BytesIO(made.large)).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", NotAPicture),
        (b"%PDF-1.7", NotAPicture),
        (file_of("BMP"), NotAPicture),
        (file_of("TIFF"), NotAPicture),
        (animation("GIF"), PictureAnimated),
        (animation("PNG"), PictureAnimated),
        (animation("WEBP"), PictureAnimated),
        (png_of(50_000, 50_000), TooManyPixels),
        (png_of(10_000, 10_000), TooManyPixels),
        (png_of(8_000, 6_000), TooManyPixels),
        (png_of(300, 300), PictureDamaged),
        (photo()[:-4_000], PictureDamaged),
        (file_of("PNG", size=(300, 300))[:200], PictureDamaged),
        (b"\xff\xd8\xff" + bytes(9 * 1024 * 1024), PictureTooBig),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(shop, noon, raw, refusal):
    with pytest.raises(refusal):
        add_picture(raw=raw, at=noon)
    assert not Picture.objects.exists()


def test_the_same_file_is_the_same_picture(shop, noon):
    first = add_picture(raw=file_of(), file_name="a.jpg", at=noon)
    again = add_picture(raw=file_of(), file_name="b.jpg", at=noon)
    other = add_picture(raw=file_of(colour="blue"), at=noon)
    assert first.pk == again.pk != other.pk
    assert Picture.objects.count() == 2


def get(merchant, path, **headers):
    return Client().get(path, headers={"Host": host_of(merchant), **headers})


def test_it_is_served_for_good_on_its_own_host(tea, toys, shop, noon):
    row = add_picture(raw=photo(), at=noon)
    path = f"/media/{row.pk}.webp"
    full, small = get(tea, path), get(tea, f"{path}?w=480")

    assert full.status_code == small.status_code == 200
    assert full["Content-Type"] == "image/webp" and full["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in full["Cache-Control"] and full["ETag"] != small["ETag"]
    assert max(Image.open(BytesIO(small.content)).size) == 480
    known = get(tea, path, If_None_Match=full["ETag"])
    assert (known.status_code, known.content) == (304, b"")
    assert len(get(tea, f"{path}?w=1200").content) == len(full.content)
    for elsewhere in (
        get(toys, path),
        get(tea, f"/media/{new_id()}.webp"),
        get(tea, "/media/x.webp"),
    ):
        assert elsewhere.status_code == 404


def test_a_picture_that_is_shown_stays(shop, noon):
    shown, free, given = (
        add_picture(raw=file_of(colour=colour), at=noon) for colour in ("red", "blue", "green")
    )
    variants = [{"sku": "A", "price_cents": 1}]
    fields = {"title_en": "Tin", "pictures": [str(shown.pk)]}
    product = create_product(fields=fields, variants=variants, at=noon)
    image = f"/media/{given.pk}.webp"
    create_item(
        fields={"kind": "goods", "title_en": "Mug", "price_points": 1, "image": image}, at=noon
    )
    for row in (shown, given):
        with pytest.raises(PictureInUse):
            forget_picture(picture_id=row.pk)
    forget_picture(picture_id=free.pk)
    with pytest.raises(PictureNotFound):
        forget_picture(picture_id=free.pk)
    with pytest.raises(PictureNotFound):
        hold_image(f"/media/{free.pk}.webp")
    hold_image("1f381")
    hold_image(image)
    change_product(product_id=product.pk, changes={"pictures": []})
    forget_picture(picture_id=shown.pk)
    assert Picture.objects.count() == 1
