"""What a coupon gives, in the plain words shoppers read, in the language of now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.money import money_text
from points.coupons.calculations import CouponTerms
from points.program.queries import ActiveProgram

NAMED_AT_MOST = 3


class CouponWordsOut(msgspec.Struct, kw_only=True):
    """`headline` is the figure on the ticket, `summary` all of it in one sentence, `scope` for which
    goods, `validity` from when until when, `rules` what else to know."""

    headline: str
    summary: str
    scope: str
    validity: str
    rules: list[str]


def words_of(terms: CouponTerms, validity: str, program: ActiveProgram) -> CouponWordsOut:
    """Terms in words, with the sentence about their time."""
    return CouponWordsOut(
        headline=_headline(terms, program.currency), summary=_summary(terms, program.currency),
        scope=_scope(terms), validity=validity, rules=_rules(terms),
    )  # fmt: skip


def validity_of_coupon(
    begins: datetime, ends: datetime | None, at: datetime, program: ActiveProgram
) -> str:
    """A coupon's own dates. The last day is the day of the last moment in which it can be used."""
    if begins > at:
        return _from_until(begins, ends, program)
    if ends is None:
        return _("No end date")
    return _("Until %(last)s") % {"last": _last(ends, program)}


def validity_of_template(
    begins: datetime | None, ends: datetime | None, days: int | None, program: ActiveProgram
) -> str:
    """What a coupon issued from it will have."""
    said = []
    if days is not None:
        said.append(
            _("until the end of the day you get it")
            if days == 0
            else ngettext(
                "%(days)s day from the day you get it",
                "%(days)s days from the day you get it",
                days,
            )
            % {"days": days}
        )
    if begins is not None or ends is not None:
        said.append(_from_until(begins, ends, program))
    return _(", ").join(said) or _("No end date")


def _from_until(begins: datetime | None, ends: datetime | None, program: ActiveProgram) -> str:
    first = program.calendar.day_of(begins).isoformat() if begins else ""
    if ends is None:
        return _("From %(first)s on") % {"first": first}
    if not first:
        return _("Until %(last)s") % {"last": _last(ends, program)}
    return _("From %(first)s to %(last)s") % {"first": first, "last": _last(ends, program)}


def _last(ends: datetime, program: ActiveProgram) -> str:
    """The day, with the time when it ends in the middle of one."""
    day = program.calendar.day_of(ends - timedelta(microseconds=1))
    if program.calendar.end_of(day) == ends:
        return day.isoformat()
    return program.calendar.local(ends).strftime("%Y-%m-%d %H:%M")


def _headline(terms: CouponTerms, currency: str) -> str:
    if terms.kind == "amount_off":
        return money_text(terms.amount_cents or 0, currency)
    if terms.kind == "percent_off":
        return _("%(off)s%% off") % _rate(terms)
    return _("Free shipping")


def _summary(terms: CouponTerms, currency: str) -> str:
    facts = {
        "amount": money_text(terms.amount_cents or 0, currency),
        "threshold": money_text(terms.threshold_cents, currency),
        "cap": money_text(terms.cap_cents or 0, currency),
        **_rate(terms),
    }
    has_threshold = terms.threshold_cents > 0
    if terms.kind == "amount_off":
        text = _("%(amount)s off %(threshold)s or more") if has_threshold else _("%(amount)s off")
    elif terms.kind == "free_shipping":
        text = _("Free shipping from %(threshold)s on") if has_threshold else _("Free shipping")
    elif terms.cap_cents is not None:
        text = (
            _("%(off)s%% off %(threshold)s or more, at most %(cap)s")
            if has_threshold
            else _("%(off)s%% off, at most %(cap)s")
        )
    else:
        text = _("%(off)s%% off %(threshold)s or more") if has_threshold else _("%(off)s%% off")
    return text % facts


def _rate(terms: CouponTerms) -> dict[str, str]:
    """The figure people name a percentage by: 20 % off is 20 in English and 8 折, the tenths that
    are left, in Chinese."""
    rate = terms.rate or Decimal(0)
    is_tenths = (get_language() or "en").startswith("zh")
    return {"off": _plain((1 - rate) * 10 if is_tenths else rate * 100)}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _scope(terms: CouponTerms) -> str:
    if terms.scope == "categories":
        text = _("For goods of %(names)s") % {"names": _names(terms.categories)}
    elif terms.scope == "skus":
        text = _("For %(names)s") % {"names": _names(terms.skus)}
    else:
        text = _("For all goods")
    excluded = (*terms.excluded_categories, *terms.excluded_skus)
    return (
        _("%(scope)s, but %(names)s") % {"scope": text, "names": _names(excluded)}
        if excluded
        else text
    )


def _names(names: Sequence[str]) -> str:
    shown = _(", ").join(names[:NAMED_AT_MOST])
    more = len(names) - NAMED_AT_MOST
    return _("%(names)s and %(more)s more") % {"names": shown, "more": more} if more > 0 else shown


def _rules(terms: CouponTerms) -> list[str]:
    rules = [_("Together with others that stack") if terms.stacks else _("One for each order")]
    if not terms.with_points:
        rules.append(_("Not together with points"))
    rules.append(
        _("Comes back when the order is refunded")
        if terms.returns_on_refund
        else _("Does not come back when the order is refunded")
    )
    return rules
