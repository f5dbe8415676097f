"""Why an order earned what it earned, in plain words (rules.md §3)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.language import in_language
from kernel.money import money_text
from points.interfaces.explaining_rules import explain_results
from points.orders.models import Order


def explain_order(order: Order) -> tuple[str, list[tuple[str, str]]]:
    """A sentence, and the steps behind it as (title, detail)."""
    facts = order.evaluation or {}
    steps = [
        (_("What counts"), _base(facts, order)),
        (_("The rule"), _rule(facts, order.currency)),
        (_("The result"), _result(facts)),
    ] if "basis" in facts else []  # fmt: skip
    if "tier" in facts:
        steps.append((_("The tier"), _tier(facts["tier"])))
    results = explain_results(facts.get("rules", []), source_id=order.pk, currency=order.currency)
    return _summary(order, facts), steps + [
        (_("Rule “%(name)s”") % {"name": one.name}, one.detail) for one in results
    ]


def _tier(facts: dict[str, Any]) -> str:
    text = ngettext(
        "%(name)s earns %(multiplier)s times as much: %(points)s point more.",
        "%(name)s earns %(multiplier)s times as much: %(points)s points more.",
        facts["points"],
    )
    return text % {**facts, "name": in_language(facts["name"])}


def _summary(order: Order, facts: dict[str, Any]) -> str:
    if order.points_earned:
        text = ngettext(
            "This order earned %(points)s point.",
            "This order earned %(points)s points.",
            order.points_earned,
        )
        return text % {"points": order.points_earned}
    if "basis" not in facts:
        return _("This order earns its points when it is completed.")
    if facts["points"]:
        return _("This order earned no points: the budget they come from is used up.")
    return _("This order earned no points: what counts of it is less than one step.")


def _base(facts: dict[str, Any], order: Order) -> str:
    text = _("%(base)s of the goods count, without shipping and tax.")
    if facts["basis"] == "order_total":
        text = _("%(base)s of the whole order count, shipping and tax included.")
    parts = [text % {"base": money_text(facts["base_cents"], order.currency)}]
    if facts["deducted_cents"]:
        cents = money_text(facts["deducted_cents"], order.currency)
        parts.append(_("%(cents)s paid with coupons or points do not count.") % {"cents": cents})
    if facts["excluded_cents"]:
        cents = money_text(facts["excluded_cents"], order.currency)
        parts.append(_("%(cents)s are of excluded categories.") % {"cents": cents})
    return " ".join(parts)


def _rule(facts: dict[str, Any], currency: str) -> str:
    each = facts["points_per_step"]
    text = ngettext(
        "%(points)s point for every %(step)s.", "%(points)s points for every %(step)s.", each
    )
    return text % {"points": each, "step": money_text(facts["step_cents"], currency)}


def _result(facts: dict[str, Any]) -> str:
    return _("Steps × points: %(steps)s × %(each)s = %(points)s (rounded: %(rounding)s).") % {
        "steps": facts["steps"],
        "each": facts["points_per_step"],
        "points": facts["points"],
        "rounding": {"floor": _("down"), "half_up": _("to the nearest"), "ceil": _("up")}[
            facts["rounding"]
        ],
    }
