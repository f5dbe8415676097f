"""Pictures of the demo's products, drawn from the illustrations the front ends have."""

from io import BytesIO
from pathlib import Path

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFilter

SIDE = 560


def draw(codes: tuple[str, ...], ground: str) -> bytes:
    """A square picture as WebP: one to three illustrations on a soft ground with a light from above."""
    picture = _ground(ground)
    size = 300 if len(codes) == 1 else 230
    for place, code in enumerate(codes):
        x = SIDE * (2 * place + 1) // (2 * len(codes)) - size // 2
        if len(codes) > 1:
            x += (SIDE // 2 - size // 2 - x) // 3
        y = (SIDE - size) // 2 + (18 if place % 2 else -8)
        shadow = Image.new("RGBA", (SIDE, SIDE))
        foot = (x + size // 6, y + size - 34, x + size * 5 // 6, y + size + 6)
        ImageDraw.Draw(shadow).ellipse(foot, fill=(40, 30, 20, 70))
        picture.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(14)))
        picture.alpha_composite(
            _object(code).resize((size, size), Image.Resampling.LANCZOS), (x, y)
        )
    out = BytesIO()
    picture.convert("RGB").save(out, "WEBP", quality=88, method=2)
    return out.getvalue()


def _ground(colour: str) -> Image.Image:
    """White that turns into the colour towards the rim."""
    light = Image.radial_gradient("L").resize((SIDE * 2, SIDE * 2))
    light = light.crop((SIDE // 2, SIDE * 3 // 4, SIDE * 3 // 2, SIDE * 7 // 4))
    soft = Image.new("RGBA", (SIDE, SIDE), colour)
    return Image.composite(soft, Image.new("RGBA", (SIDE, SIDE), "#ffffff"), light)


def _object(code: str) -> Image.Image:
    found = finders.find(f"pictures/emoji/{code}.webp")
    if not found:
        raise FileNotFoundError(f"no illustration {code}")
    return Image.open(Path(found)).convert("RGBA")
