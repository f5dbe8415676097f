"""What rules made of an order or an event, in plain words (rules.md §3)."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kernel.language import in_language
from points.conditions import ConditionInvalid, describe, describe_found
from points.coupons.queries import find_templates
from points.earning.evaluation import evaluation_of_rules
from points.earning.models import Award
from points.earning.queries import list_awards, list_documents
from points.earning.rules import RuleDocument, conditions_of
from points.flows.simulation import Tried
from points.interfaces.rule_shapes import RuleResultOut
from points.ledger.queries import clawed_back

_REFUSED: Mapping[str, Promise] = {
    "member_times": _("The member has had this as often as the rule allows."),
    "member_points": _("The member has had as much as the rule allows."),
    "total": _("The rule has given all it may give."),
    "budget": _("The budget of the one who pays is used up."),
    "coupon_exhausted": _("No coupon was left to give."),
    "coupon_limit": _("The member has had as many of these coupons as one may have."),
    "coupon_inactive": _("The coupon is not given out (any more)."),
    "coupon_over": _("The time of the coupon was over."),
    "coupon_refunded": _("All of the order had come back before it was earned."),
}
_NOT_MATCHED: Mapping[str, Promise] = {
    "schedule": _("It happened outside the rule's time."),
    "channel": _("The rule is for other channels."),
    "segment": _("The member is in none of the rule's segments."),
    "broken": _("The rule asks for something that no longer exists."),
    "exclusive": _("Another rule goes before this one and keeps it out."),
}


def explain_results(
    evaluation: Sequence[Mapping[str, Any]], *, source_id: uuid.UUID, currency: str
) -> list[RuleResultOut]:
    """A sentence for each rule of a stored evaluation, and what refunds took back of it.

    Three queries, one more where coupons are given; none for an empty one.
    """
    if not evaluation:
        return []
    awards = {(one.rule.code, one.version): one for one in list_awards(source_id=source_id)}
    wanted = {(row["code"], row["version"]) for row in evaluation}
    documents = list_documents(versions=wanted)
    taken = clawed_back(keys=[one.key for one in awards.values() if one.granted_points])
    names = coupon_names(row["coupon"] for row in evaluation if "coupon" in row)
    return [
        _result(row, awards.get(key), documents.get(key), currency, taken, names)
        for row in evaluation
        for key in [(row["code"], row["version"])]
    ]


def explain_tried(tried: Sequence[Tried], *, currency: str) -> list[RuleResultOut]:
    """A sentence for each rule of a trial; what a task would hold for its member counts as given."""
    rows = evaluation_of_rules([one.judged for one in tried])
    names = coupon_names(one.judged.coupon for one in tried if one.judged.coupon)
    return [_tried(one, row, currency, names) for one, row in zip(tried, rows, strict=True)]


def coupon_names(templates: Iterable[str]) -> dict[str, str]:
    """Template code → its name in the language of the request. One query; none without codes."""
    language = get_language() or "en"
    return {code: row.name(language) for code, row in find_templates(codes=templates).items()}


def _tried(
    tried: Tried, row: Mapping[str, Any], currency: str, names: Mapping[str, str]
) -> RuleResultOut:
    compiled, outcome, reason = tried.judged.compiled, row["outcome"], row["reason"]
    if outcome == "planned":
        is_given = tried.points or (tried.judged.coupon and not tried.reason)
        outcome, reason = "granted" if is_given else "refused", tried.reason
    return RuleResultOut(
        code=compiled.rule.code, name=compiled.document.name, version=compiled.number,
        outcome=outcome, reason=reason, points=tried.points, clawed_back_points=0,
        coupon=row.get("coupon"),
        detail=_detail(outcome, reason, tried.points, row, compiled.document, currency, names),
    )  # fmt: skip


def explain_refusal(reason: str) -> str:
    """Why an award is less than planned, in a sentence; nothing when it is not."""
    known = _REFUSED.get(reason)
    return str(known) if known else ""


def _result(
    row: Mapping[str, Any], award: Award | None, document: RuleDocument | None, currency: str,
    taken: Mapping[str, int], names: Mapping[str, str],
) -> RuleResultOut:  # fmt: skip
    outcome, points, reason = row["outcome"], 0, row["reason"]
    back = taken.get(award.key, 0) if award else 0
    if outcome == "planned":
        outcome, points, reason = "refused", 0, ""
        if award is not None:
            outcome, points, reason = award.status, award.granted_points, award.reason
    name = in_language(row["name"])
    return RuleResultOut(
        code=row["code"], name=name, version=row["version"], outcome=outcome, reason=reason,
        points=points, clawed_back_points=back, coupon=row.get("coupon"),
        detail=_detail(outcome, reason, points, row, document, currency, names) + _taken_back(back),
    )  # fmt: skip


def _taken_back(points: int) -> str:
    if not points:
        return ""
    text = ngettext(
        " A refund took %(points)s point of it back.",
        " Refunds took %(points)s points of it back.", points,
    )  # fmt: skip
    return text % {"points": points}


def _detail(
    outcome: str, reason: str, points: int, row: Mapping[str, Any], document: RuleDocument | None,
    currency: str, names: Mapping[str, str],
) -> str:  # fmt: skip
    if outcome == "granted" and "coupon" in row:
        return coupon_given(row["coupon"], names)
    if outcome == "granted":
        text = ngettext("Gave %(points)s point.", "Gave %(points)s points.", points)
        told = text % {"points": points}
        return f"{told} {_REFUSED[reason]}" if reason in _REFUSED else told
    if outcome == "claimable":
        return gettext("Waits in the task centre until the member claims it.")
    if outcome == "nothing":
        if document is not None and document.reward.lines is not None and not row.get("points"):
            return gettext("Matched, and nothing in the order is what it counts.")
        return gettext("Matched, and what counts is too little for a point.")
    if reason == "conditions":
        return _failed(row, document, currency)
    known = _REFUSED.get(reason) or _NOT_MATCHED.get(reason)
    return str(known) if known else gettext("Gave nothing.")


def coupon_given(template: str, names: Mapping[str, str]) -> str:
    """That a coupon of this template was given, by its name."""
    return gettext("Gave a coupon: %(name)s.") % {"name": names.get(template, template)}


def _failed(row: Mapping[str, Any], document: RuleDocument | None, currency: str) -> str:
    """The comparisons that did not hold, in words, with what was found."""
    try:
        condition = conditions_of(document)[0] if document else None
    except ConditionInvalid:
        condition = None
    failed = [leaf for leaf in row["leaves"] if not leaf["holds"]]
    if condition is None or not failed:
        return gettext("The conditions are not met.")
    language = get_language() or "en"
    sentences = [
        gettext("%(wanted)s (found: %(found)s)")
        % {
            "wanted": describe(condition, currency=currency, language=language, path=leaf["path"]),
            "found": describe_found(
                condition,
                path=leaf["path"],
                found=leaf["found"],
                currency=currency,
                language=language,
            ),
        }
        for leaf in failed
    ]
    return gettext("Not met: %(conditions)s.") % {"conditions": gettext(", ").join(sentences)}
