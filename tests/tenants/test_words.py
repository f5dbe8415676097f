"""The word for a single point, from the one the merchant chose for many."""

import pytest

from tenants.words import singular


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("points", "point"), ("Beans", "Bean"), ("stars", "star"), ("Groove Coins", "Groove Coin"),
        ("berries", "berry"), ("peaches", "peach"), ("kisses", "kiss"), ("boxes", "box"),
        ("miles", "mile"), ("cash", "cash"), ("bonus", "bonus"), ("glass", "glass"),
        ("s", "s"), ("豆", "豆"), ("POINTS", "POINT"),
    ],
)  # fmt: skip
def test_one_of_many(many, one):
    assert singular(many) == one
