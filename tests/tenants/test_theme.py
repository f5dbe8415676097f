"""Whatever colour a merchant picks, text on it and text in it can be read."""

import random
import re

import pytest

from tenants.calculations import contrast, theme
from tenants.models import Merchant

COLOURS = [f"#{random.Random(7).randrange(2**24):06x}"] + [
    f"#{value:06x}" for value in random.Random(7).sample(range(2**24), 200)
]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    "brand", [*COLOURS, "#000000", "#ffffff", "#ffff00", "#808080", "#757575", "#1f6feb", "#c8102e"]
)
def test_every_brand_colour_reads(brand):
    colours = theme(brand)
    assert colours["brand"] == brand
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours.values())
    assert contrast(colours["brand"], colours["on_brand"]) >= 4.5
    assert contrast(colours["brand_text"], "#ffffff") >= 4.5


def test_a_colour_that_reads_on_white_stays_as_it_is():
    assert theme("#1f6feb") == {"brand": "#1f6feb", "on_brand": "#ffffff", "brand_text": "#1f6feb"}
    assert Merchant(brand_color="#1f6feb").theme == theme("#1f6feb")
