"""A small share of `make model` for every run of the tests: all kinds of operations, three shops."""

import pytest

from tests.model import playing
from tests.model.drawing import WEIGHTS, Drawing
from tests.model.lots import Refused
from tests.model.shop import Shop

STEPS = 120


@pytest.fixture
def database(django_db_setup, django_db_blocker):
    """Committed merchants of their own, made and dropped by `fresh_product`."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.mark.parametrize("seed", [2, 4])
def test_model_and_product_answer_alike_and_have_the_same_books(database, seed):
    setup, ops, difference = playing.draw_and_play(seed, STEPS)
    if difference is not None:
        ops, difference = playing.shrink(setup, ops, difference, tries=20)
        pytest.fail(playing.report(seed, setup, ops, difference))


def test_the_same_seed_draws_the_same_shop_and_operations():
    assert _drawn(3, 300) == _drawn(3, 300) != _drawn(4, 300)


def test_every_kind_of_operation_is_drawn_and_most_succeed():
    done, refused = set(), set()
    for seed in range(2):
        _, ops, answers = _drawn(seed, 900)
        for op, answer in zip(ops, answers, strict=True):
            (refused if answer[:1] == ("refused",) else done).add(op["do"])
    assert done == set(WEIGHTS) - {"again"}
    assert {"order", "refund", "transfer", "redeem", "make_up", "hold"} <= refused


def test_a_difference_is_found_and_shrunk(database, monkeypatch):
    """The instrument itself: a product that gives a point too few is found out, in few steps."""
    from tests.model.product import Product

    honest = Product.adjust

    def stingy(self, op):
        return honest(self, {**op, "points": op["points"] - (op["points"] > 5)})

    monkeypatch.setattr(Product, "adjust", stingy)
    setup, ops, difference = playing.draw_and_play(5, 75)
    assert difference is not None and difference.members
    ops, difference = playing.shrink(setup, ops, difference, tries=8)
    assert len(ops) < 40
    assert "--seed 5" in playing.report(5, setup, ops, difference)


def _drawn(seed: int, steps: int) -> tuple:
    """What is drawn, and what the model answers, without any product."""
    drawing = Drawing(seed)
    setup = drawing.setup()
    shop, ops, answers = Shop(setup), [], []
    for _ in range(steps):
        ops.append(drawing.operation(shop))
        try:
            answers.append(getattr(shop, ops[-1]["do"])(ops[-1]))
        except Refused as refusal:
            answers.append(("refused", refusal.code))
    return setup, ops, answers
