"""A condition in plain words, English or Chinese."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from kernel.money import money_text
from points.conditions.fields import Operator
from points.conditions.tree import Comparison, Condition, Group, Negation, Node

_AMOUNTS: Mapping[Operator, Promise] = {
    "==": _("%(field)s is %(value)s"),
    "!=": _("%(field)s is not %(value)s"),
    "<": _("%(field)s is below %(value)s"),
    "<=": _("%(field)s is at most %(value)s"),
    ">": _("%(field)s is above %(value)s"),
    ">=": _("%(field)s is at least %(value)s"),
    "between": _("%(field)s is from %(low)s to %(high)s"),
    "inside": _("%(field)s is above %(low)s and below %(high)s"),
    "in": _("%(field)s is one of %(value)s"),
    "has": _("%(field)s include %(value)s"),
    "starts_with": _("%(field)s begins with %(value)s"),
}
_ANSWERS: Mapping[Operator, Promise] = {
    "==": _("%(field)s: %(value)s"),
    "!=": _("%(field)s: not %(value)s"),
}
_TIMES: Mapping[Operator, Promise] = {
    **_AMOUNTS,
    "<": _("%(field)s is before %(value)s"),
    "<=": _("%(field)s is %(value)s or before"),
    ">": _("%(field)s is after %(value)s"),
    ">=": _("%(field)s is %(value)s or after"),
    "inside": _("%(field)s is after %(low)s and before %(high)s"),
}
_DAYS_AGO: Mapping[Operator, Promise] = {
    "==": _("%(field)s was %(value)s ago"),
    "!=": _("%(field)s was not %(value)s ago"),
    "<": _("%(field)s was less than %(value)s ago"),
    "<=": _("%(field)s was at most %(value)s ago"),
    ">": _("%(field)s was more than %(value)s ago"),
    ">=": _("%(field)s was at least %(value)s ago"),
    "between": _("%(field)s was from %(low)s to %(high)s ago"),
    "inside": _("%(field)s was more than %(low)s and less than %(high)s ago"),
}
# What reads better than “not (…)”.
_NEGATED: Mapping[Operator, Promise] = {
    "between": _("%(field)s is not from %(low)s to %(high)s"),
    "in": _("%(field)s is none of %(value)s"),
    "has": _("%(field)s do not include %(value)s"),
    "starts_with": _("%(field)s does not begin with %(value)s"),
}


def describe(condition: Condition, *, currency: str, language: str, path: str | None = None) -> str:
    """The condition in words, or the one comparison at `path` (as in `Leaf.path`).

    `language` is `en` or `zh-hans`: "Order amount is at least ¥100.00", "订单金额不低于 ¥100.00".
    """
    with override(language):
        if path is not None:
            one = next(leaf for leaf in condition.comparisons if leaf.path == path)
            return _comparison(one, currency, is_first=True)
        return _node(condition.root, currency, is_inside=False)


def describe_found(
    condition: Condition, *, path: str, found: object, currency: str, language: str
) -> str:
    """What a comparison found (`Leaf.found`), in words: 11010 → `¥110.10` for money."""
    one = next(leaf for leaf in condition.comparisons if leaf.path == path)
    with override(language):
        match found:
            case None:
                return gettext("nothing")
            case bool():
                return gettext("yes") if found else gettext("no")
            case int() if one.look == "value" and one.field.kind == "money":
                return money_text(found, currency)
            case int() if one.look == "value" and one.field.kind == "whole":
                return f"{found:,}"
            case list():
                return gettext(", ").join(map(str, found))
            case _:
                return str(found)


def _node(node: Node, currency: str, *, is_inside: bool, is_first: bool = True) -> str:
    match node:
        case Comparison():
            return _comparison(node, currency, is_first=is_first)
        case Group():
            joint = gettext(" and ") if node.operator == "and" else gettext(" or ")
            text = joint.join(
                _node(part, currency, is_inside=True, is_first=is_first and i == 0)
                for i, part in enumerate(node.parts)
            )
            is_bracketed = is_inside and len(node.parts) > 1
            return gettext("(%(inner)s)") % {"inner": text} if is_bracketed else text
        case Negation():
            return _negation(node.part, currency, is_first=is_first)
        case _:
            return gettext("Always")


def _negation(part: Node, currency: str, *, is_first: bool) -> str:
    if isinstance(part, Comparison) and part.look != "days_ago" and part.operator in _NEGATED:
        return str(_NEGATED[part.operator]) % _facts(part, currency, is_first=is_first)
    inner = _node(part, currency, is_inside=False, is_first=False)
    return gettext("not (%(inner)s)") % {"inner": inner}


def _comparison(one: Comparison, currency: str, *, is_first: bool) -> str:
    return str(_sentences(one)[one.operator]) % _facts(one, currency, is_first=is_first)


def _sentences(one: Comparison) -> Mapping[Operator, Promise]:
    if one.look == "days_ago":
        return _DAYS_AGO
    if one.field.kind == "boolean":
        return _ANSWERS
    return _TIMES if one.field.kind in ("date", "moment") else _AMOUNTS


def _label(label: str | Promise, *, is_first: bool) -> str:
    """Within a sentence our own labels begin small (RFM does not); a merchant's are left alone."""
    text = str(label)
    is_ours = isinstance(label, Promise) and not text[1:2].isupper()
    return text if is_first or not is_ours else text[:1].lower() + text[1:]


def _facts(one: Comparison, currency: str, *, is_first: bool) -> dict[str, str]:
    facts = {"field": _label(one.field.label, is_first=is_first)}
    if not isinstance(one.wanted, tuple):
        return {**facts, "value": _value(one, one.wanted, currency)}
    values = [_value(one, wanted, currency) for wanted in one.wanted]
    if one.operator == "in":
        return {**facts, "value": gettext(", ").join(values)}
    return {**facts, "low": values[0], "high": values[1]}


def _value(one: Comparison, wanted: object, currency: str) -> str:
    if one.look == "days_ago":
        assert isinstance(wanted, int)
        return ngettext("%(count)s day", "%(count)s days", wanted) % {"count": wanted}
    match wanted:
        case bool():
            return gettext("yes") if wanted else gettext("no")
        case int() if one.field.kind == "money":
            return money_text(wanted, currency)
        case int() if one.field.kind == "whole":
            return f"{wanted:,}"
        case str():
            text = one.field.label_of(wanted) if one.field.kind == "choice" else wanted
            return gettext("“%(text)s”") % {"text": text}
        case datetime():
            return wanted.isoformat(" ", "minutes")
        case date():
            return wanted.isoformat()
        case Decimal():
            return f"{wanted:f}"
        case _:
            return str(wanted)
