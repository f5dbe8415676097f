"""Whoever changes a setting or does something as staff leaves a note (rules.md §13)."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kernel.api.openapi import _operations
from points.interfaces.console.urls import api_urlpatterns
from points.interfaces.partner.urls import urlpatterns

NOTES = {"audit", "change_brand", "change_public", "note_of_staff"}
# What a shop's systems do all day on behalf of members: the ledger and the orders say who did it.
BUSINESS = {
    "post orders", "post orders/batch", "post orders/{external_id}/completion",
    "post orders/{external_id}/refunds", "post quotes", "post holds", "post holds/{hold_id}/capture",
    "post holds/{hold_id}/release", "post check-ins", "post make-ups", "post redemptions",
    "post events", "post events/batch", "post task-claims", "post orders/{external_id}/exchanges",
    "post orders/{external_id}/chargebacks", "post transfers",
    "post orders/{external_id}/chargebacks/{chargeback_id}/reversal",
    "post redemptions/{redemption_id}/cancellation", "post redemptions/{redemption_id}/fulfilment",
    "post coupons", "post coupons/{coupon_code}/lock", "post coupons/{coupon_code}/use",
    "post coupons/{coupon_code}/release", "post coupons/{coupon_code}/return",
    "post cash-grants", "post cash-exchanges", "post red-packets/{packet_id}/shares",
    "post withdrawals",
    "post redemptions/{redemption_id}/payment", "post pickup-verifications",
}  # fmt: skip

# Asked with a body, and nothing is changed.
PREVIEWS = {
    "post expiry-extension-previews", "post orders/{external_id}/refund-quotes",
    "post segment-previews", "post simulations", "post coupon-quotes", "post coupon-audiences",
    "post coupon-template-previews",
    "post withdrawal-comparisons",
    "post pickup-lookups",
}  # fmt: skip


def writes(patterns: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for path, method, _described, view in _operations(patterns):
        if method != "get":
            yield f"{method} {path.lstrip('/')}", getattr(view, method)


def leaves_a_note(function: Callable[..., Any], depth: int = 2) -> bool:
    """Whether it, or a function of the surfaces that it calls, notes something."""
    source = inspect.unwrap(function)
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(source))))
        if isinstance(node, ast.Call)
    }
    if called & NOTES:
        return True
    helpers = called_functions(source) if depth else []
    return any(
        leaves_a_note(one, depth - 1)
        for one in helpers
        if inspect.isfunction(one) and one.__module__.startswith("points.interfaces.")
    )


def called_functions(source: Callable[..., Any]) -> Iterator[Any]:
    """What it calls by name, or as `module.name`."""
    around = vars(inspect.getmodule(source))
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(source)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield around.get(node.func.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = around.get(getattr(node.func.value, "id", ""))
            yield getattr(owner, node.func.attr, None) if inspect.ismodule(owner) else None


CONSOLE = {name: view for name, view in writes(api_urlpatterns) if name not in PREVIEWS}
PARTNER = {name: view for name, view in writes(urlpatterns) if name not in BUSINESS | PREVIEWS}


def test_there_is_something_to_look_at():
    assert len(CONSOLE) >= 15 and len(PARTNER) >= 7
    assert {name for name, _ in writes(urlpatterns)} >= BUSINESS


@pytest.mark.parametrize("name", CONSOLE)
def test_everything_staff_do_is_noted(name):
    assert leaves_a_note(CONSOLE[name]), f"{name}: note it with self.audit(…)"


@pytest.mark.parametrize("name", PARTNER)
def test_what_other_systems_set_is_noted(name):
    assert leaves_a_note(PARTNER[name]), f"{name}: note it with self.audit(…)"


def test_a_view_without_a_note_would_be_found():
    def silent(self: Any) -> None:
        self.save()

    assert not leaves_a_note(silent)
