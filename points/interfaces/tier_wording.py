"""Why a member's tier moved, in one plain sentence, in the language of now."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.money import money_text
from points.program.queries import ActiveProgram
from points.tiers.models import Tier, TierMove


def explain_move(
    move: TierMove,
    before: Tier | None,
    after: Tier | None,
    program: ActiveProgram,
    *,
    language: str,
    is_for_staff: bool,
) -> str:
    """The sentence for one move; what staff noted by hand is told to staff only."""
    facts = {
        "from": before.name(language) if before else _("no tier"),
        "to": after.name(language) if after else _("no tier"),
        "value": _amount(move, "value", program),
        "threshold": _amount(move, "threshold", program),
        "ended": _last_day(move.why.get("ended_at"), program),
        "grace": _last_day(move.why.get("grace_ends_at"), program),
        "until": _last_day(move.why.get("until"), program),
        "reason": move.why.get("reason", ""),
    }
    return _sentence(move, is_for_staff) % facts


def _sentence(move: TierMove, is_for_staff: bool) -> str:
    match move.kind:
        case TierMove.Kind.UPGRADE:
            return _("Reached %(value)s; %(to)s begins at %(threshold)s.")
        case TierMove.Kind.KEPT:
            return _("%(to)s kept beyond %(ended)s: %(value)s, %(threshold)s were needed.")
        case TierMove.Kind.GRACE:
            return _(
                "The period of %(to)s ended on %(ended)s with %(value)s of %(threshold)s. What is"
                " missing can be made up until %(grace)s."
            )
        case TierMove.Kind.DOWNGRADE:
            return _("%(value)s by %(grace)s; %(from)s needs %(threshold)s.")
        case TierMove.Kind.MANUAL:
            if is_for_staff:
                return _("Set by hand until %(until)s: %(reason)s")
            return _("Given by the shop until %(until)s.")
        case TierMove.Kind.MANUAL_ENDED:
            if is_for_staff and move.why.get("reason"):
                return _("No longer set by hand: %(reason)s")
            return _("No longer given by the shop; what was earned counts again.")
        case _:
            return _("Looked at anew: %(value)s; %(to)s begins at %(threshold)s.")


def _amount(move: TierMove, name: str, program: ActiveProgram) -> str:
    """`1,000 growth`, `¥109.00` or `3 orders`; empty where the move has no figures."""
    if name not in move.why:
        return ""
    amount = int(move.why[name])
    match move.why.get("by"):
        case "spend":
            return money_text(amount, program.currency)
        case "orders":
            return ngettext("%(n)s order", "%(n)s orders", amount) % {"n": amount}
        case _:
            return _("%(n)s growth") % {"n": f"{amount:,}"}


def _last_day(moment: str | None, program: ActiveProgram) -> str:
    """The last local day before a moment at which something ends."""
    if not moment:
        return ""
    ends = datetime.fromisoformat(moment) - timedelta(seconds=1)
    return program.calendar.day_of(ends).isoformat()
