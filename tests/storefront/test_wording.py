"""Every kind of ledger line has its sentence, in both languages."""

import pytest
from django.utils import translation

from points.interfaces.wording import order_of, reason
from points.ledger.models import Kind, Transaction


def line(kind: str, **fields: str) -> Transaction:
    return Transaction(kind=kind, amount=1, **fields)


CASES = [
    (line("earn", source_type="order", reference="20261031-8"),
     "Order 20261031-8", "订单 20261031-8"),
    (line("clawback", source_type="refund", reference="A%1"),
     "Order A%1: refund took back what it had earned", "订单 A%1：退款，扣回该订单所得"),
    (line("refund_spent", source_type="refund", reference="A1"),
     "Order A1: refund returned what was used to pay", "订单 A1：退款，退回抵扣部分"),
    (line("capture", source_type="order", reference="A1"),
     "Order A1: used to pay", "订单 A1：抵扣付款"),
    (line("spend", source_type="redemption", reference="7KQ4M-2XW9P"),
     "Redeemed: code 7KQ4M-2XW9P", "兑换：兑换码 7KQ4M-2XW9P"),
    (line("refund_spent", source_type="redemption", reference="7KQ4M-2XW9P"),
     "Redemption 7KQ4M-2XW9P cancelled: returned", "兑换 7KQ4M-2XW9P 已取消，退回"),
    (line("expire", source_type="lot"), "Expired", "已过期"),
    (line("adjust", source_type="adjustment", note="broken cup"),
     "Correction: broken cup", "调整：broken cup"),
    (line("adjust"), "Correction", "调整"),
    (line("release", note="timed_out"),
     "No longer set aside: the time to pay ran out", "付款超时，预留已取消"),
    (line("capture", source_type="order"), "Used to pay", "抵扣付款"),
]  # fmt: skip


@pytest.mark.parametrize(("transaction", "english", "chinese"), CASES)
def test_sentences(transaction, english, chinese):
    with translation.override("en"):
        assert reason(transaction) == english
    with translation.override("zh-hans"):
        assert reason(transaction) == chinese


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("source", ["", "order", "refund", "redemption", "hold", "unheard-of"])
def test_every_kind_has_a_sentence_whatever_its_source(kind, source):
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert reason(line(kind, source_type=source, reference="R1")).strip()


def test_the_order_behind_a_line():
    assert order_of(line("earn", source_type="order", reference="A1")) == "A1"
    assert order_of(line("clawback", source_type="refund", reference="A1")) == "A1"
    assert order_of(line("spend", source_type="redemption", reference="7KQ4M")) is None
    assert order_of(line("earn", source_type="order")) is None
