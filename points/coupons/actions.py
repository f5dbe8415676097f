"""Every write of coupons: issuing, and what a checkout does with one.

Locks: members' wallets, then templates (`issue`); coupons in order of their codes, then templates
(all else; `take_back` takes the wallet between them). No function commits: whoever calls several
does so in a transaction of his own.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from kernel.db import Ask, ask, connection
from kernel.errors import DomainError
from kernel.ids import new_id
from points.coupons.calculations import can_combine, new_coupon_code, written_code
from points.coupons.errors import (
    CannotCombine,
    CouponExpired,
    CouponLocked,
    CouponNotFound,
    CouponNotYetValid,
    CouponUseConflict,
    CouponUsed,
    CouponVoided,
    IssueConflict,
    MemberLimitReached,
    TemplateExhausted,
    TemplateNotActive,
)
from points.coupons.issuing import template_body
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.queries import find_issued, get_template
from points.ledger import actions as ledger
from points.program.queries import get_program

State = Coupon.State
Status = CouponTemplate.Status
Outcome = Literal["issued", "repeated", "limit", "exhausted", "inactive", "conflict"]
SWEEP = 1_000
_ALREADY = ("issued", "repeated")
_answers = msgspec.json.Decoder(list[dict[str, str]])


class CouponIssue(msgspec.Struct, frozen=True):
    """One coupon for a member (who was not merged away). `source` and `source_id` name the business
    moment, e.g. `redemption` and its id, and issue once for ever."""

    member: uuid.UUID
    source: str
    source_id: str


class Issued(msgspec.Struct, frozen=True):
    """What became of an issue; `coupon` is there when it is issued, now or earlier (repeated)."""

    outcome: Outcome
    coupon: Coupon | None

    @property
    def is_new(self) -> bool:
        """Whether this call issued it."""
        return self.outcome == "issued"


class GivenBack(msgspec.Struct, frozen=True):
    """Whether a used coupon can be used again after a refund, and if not, why."""

    coupon: Coupon
    is_returned: bool
    why: Literal["returned", "kept_by_terms", "expired", "not_used"]


@transaction.atomic
def issue(
    *,
    template_code: str,
    issues: Sequence[CouponIssue],
    at: datetime,
    actor: str,
    skips_refused: bool = False,
) -> list[Issued]:
    """Issue coupons of one template, in the order told: five statements for any number.

    Told again: issues nothing and answers the first. All or nothing, and raises TemplateNotActive,
    TemplateOver, TemplateExhausted, MemberLimitReached, IssueConflict; with `skips_refused` the
    others are issued, and each says its outcome. Raises TemplateNotFound, MemberMerged.
    """
    template = get_template(code=template_code)
    told: dict[tuple[str, str], CouponIssue] = {}
    for one in issues:
        told.setdefault((one.source, one.source_id), one)
    if not told:
        return []
    body = _issue_body(template, list(told.values()), at, actor, skips_refused)
    members = sorted({one.member for one in told.values()})
    ledger.open_wallets(members=members)
    ledger.lock_wallets(members=members)
    try:
        (answers,) = ask(Ask("coupons_issue(%s, %s)", [_json(body), at], _answers.decode))
    except IntegrityError:
        # Another caller told one of the keys of somebody else in this very moment.
        first = issues[0]
        raise IssueConflict(source=first.source, source_id=first.source_id) from None
    outcomes = dict(zip(told, answers, strict=True))
    if not skips_refused:
        _refuse_issue(outcomes, template)
    rows = find_issued(ids=[uuid.UUID(one["id"]) for one in answers if one["outcome"] in _ALREADY])
    return [_issued(outcomes[one.source, one.source_id], rows) for one in issues]


@transaction.atomic
def lock(
    *,
    codes: Iterable[str],
    member: uuid.UUID,
    reference: str,
    until: datetime,
    at: datetime,
    actor: str,
) -> list[Coupon]:
    """Hold a member's coupons for a checkout, in order of their codes: two statements.

    Held by the same reference already: the same answer, until the later of both moments. A coupon
    whose time ends while it is held can still be used until then.
    Raises CouponNotFound (also another member's), CouponLocked, CouponUsed, CouponExpired,
    CouponVoided, CouponNotYetValid, CannotCombine; nothing has changed then.
    """
    rows = _locked(codes, member=member)
    for row in rows:
        check_usable(row=row, reference=reference, at=at)
    if not can_combine(row.terms for row in rows):
        raise CannotCombine()
    for row in rows:
        is_held = row.state_at(at) == State.LOCKED
        row.locked_at = row.locked_at if is_held else at
        row.locked_until = max(row.locked_until or until, until) if is_held else until
        row.state, row.reference = State.LOCKED, reference
    _save(rows, "state", "reference", "locked_at", "locked_until")
    return rows


@transaction.atomic
def use(
    *,
    codes: Iterable[str],
    reference: str,
    discounts: Mapping[str, int],
    at: datetime,
    actor: str,
    member: uuid.UUID | None = None,
) -> list[Coupon]:
    """Book coupons as used for a reference, each with what it took off in minor units.

    One that is held by this reference, or free and valid: a till need not hold it first, and a lock
    that ran out does no harm while nobody else came. Used for the same reference and amount before:
    the same answer. Raises as `lock`, and CouponUseConflict.
    """
    rows = _locked(codes, member=member)
    off = {written_code(code): cents for code, cents in discounts.items()}
    fresh = []
    for row in rows:
        if row.state == State.USED and row.reference == reference:
            if row.discount_cents != off.get(row.code, 0):
                raise CouponUseConflict(coupon=row.code, discount_cents=row.discount_cents)
            continue
        check_usable(row=row, reference=reference, at=at)
        fresh.append(row)
    for row in fresh:
        row.state, row.reference, row.discount_cents = State.USED, reference, off.get(row.code, 0)
        row.used_at, row.used_by, row.locked_at, row.locked_until = at, actor, None, None
    _save(
        fresh, "state", "reference", "discount_cents", "used_at", "used_by", "locked_at",
        "locked_until",
    )  # fmt: skip
    _tell("coupon.used", fresh, at)
    return rows


@transaction.atomic
def release(*, codes: Iterable[str], reference: str, at: datetime, actor: str) -> list[Coupon]:
    """Let coupons go that a checkout held. One it does not hold (any more) stays as it is.

    Raises CouponNotFound, and CouponUsed when it was used for this reference already.
    """
    rows = _locked(codes)
    held = [row for row in rows if row.reference == reference]
    for row in held:
        if row.state == State.USED:
            raise CouponUsed(coupon=row.code)
    held = [row for row in held if row.state == State.LOCKED]
    for row in held:
        row.state, row.reference, row.locked_at, row.locked_until = State.ISSUED, "", None, None
    _save(held, "state", "reference", "locked_at", "locked_until")
    return rows


@transaction.atomic
def give_back(*, codes: Iterable[str], reference: str, at: datetime, actor: str) -> list[GivenBack]:
    """The order was refunded: coupons used for it can be used again, if their terms say so and
    their time is not over; else they stay used. Told again, or not used for it: nothing changes.

    Raises CouponNotFound.
    """
    rows = _locked(codes)
    answers = [_judge_return(row, reference, at) for row in rows]
    back = [
        one.coupon for one in answers
        if one.is_returned and (one.coupon.state, one.coupon.reference) == (State.USED, reference)
    ]  # fmt: skip
    _tell("coupon.returned", back, at)
    for row in back:
        row.state, row.returned_from, row.returned_at = State.ISSUED, reference, at
        row.reference, row.discount_cents, row.used_at, row.used_by = "", 0, None, ""
    _save(
        back, "state", "returned_from", "returned_at", "reference", "discount_cents", "used_at",
        "used_by",
    )  # fmt: skip
    return answers


@transaction.atomic
def void(*, codes: Iterable[str], at: datetime, actor: str, reason: str = "") -> list[Coupon]:
    """Take coupons back before they are used; each gives its place in the total back. Voided before:
    nothing happens again.

    Raises CouponNotFound, CouponUsed, CouponExpired, and CouponLocked while a checkout holds one;
    nothing has changed then.
    """
    rows = _locked(codes)
    fresh = [row for row in rows if row.state != State.VOIDED]
    for row in fresh:
        state = row.state_at(at)
        if state in _REFUSED:
            raise _REFUSED[state](coupon=row.code)
        if state == State.LOCKED:
            raise CouponLocked(coupon=row.code, locked_until=_text(row.locked_until))
    _void(fresh, at=at, actor=actor, reason=reason)
    return rows


@transaction.atomic
def void_of_member(*, member: uuid.UUID, at: datetime, actor: str) -> int:
    """Void all that a member has not used, held ones too: nobody is there to use them. How many."""
    rows = list(
        Coupon.objects.select_for_update()
        .filter(member_id=member, state__in=[State.ISSUED, State.LOCKED])
        .order_by("code")
    )
    _void(rows, at=at, actor=actor, reason="")
    return len(rows)


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Book locks and coupons that ended by `at`, at most 1,000 of each; how many there were."""
    return ask(Ask("coupons_sweep(%s, %s)", [at, SWEEP], int))[0]


@transaction.atomic
def take_back(
    *, source: str, source_ids: Sequence[str], member: uuid.UUID, at: datetime, actor: str,
    reason: str,
) -> tuple[list[Coupon], list[Coupon]]:  # fmt: skip
    """Void what a member got for these moments and has not used: (voided now, kept). Kept are those
    that are used, or held by a checkout; what is over or voided already is neither.

    The member's wallet is locked before a template is, as whoever issues does. Raises MemberMerged.
    """
    rows = list(
        Coupon.objects.select_for_update(of=("self",))
        .select_related("template")
        .filter(source=source, source_id__in=source_ids)
        .order_by("code")
    )
    free = [row for row in rows if row.state_at(at) == State.ISSUED]
    if free:
        ledger.lock_wallets(members=[member])
        _void(free, at=at, actor=actor, reason=reason)
    kept = [row for row in rows if row.state_at(at) in (State.USED, State.LOCKED)]
    return free, kept


_REFUSED: dict[str, type[DomainError]] = {
    State.USED: CouponUsed, State.EXPIRED: CouponExpired, State.VOIDED: CouponVoided,
}  # fmt: skip


def _issue_body(
    template: CouponTemplate, told: Sequence[CouponIssue], at: datetime, actor: str, skips: bool
) -> dict[str, Any]:
    return {
        **template_body(template, at, actor, get_program().calendar, skips=skips),
        "rows": [
            {"id": new_id(), "code": new_coupon_code(), "member": one.member,
             "source": one.source, "source_id": one.source_id}
            for one in told
        ],
    }  # fmt: skip


def _refuse_issue(
    outcomes: Mapping[tuple[str, str], Mapping[str, str]], template: CouponTemplate
) -> None:
    for (source, source_id), one in outcomes.items():
        match one["outcome"]:
            case "conflict":
                raise IssueConflict(source=source, source_id=source_id)
            case "inactive":
                raise TemplateNotActive()
            case "limit":
                raise MemberLimitReached(limit=template.per_member)
            case "exhausted":
                raise TemplateExhausted()


def _issued(answer: Mapping[str, str], rows: Mapping[uuid.UUID, Coupon]) -> Issued:
    outcome: Any = answer["outcome"]
    return Issued(outcome, rows.get(uuid.UUID(answer["id"])) if outcome in _ALREADY else None)


def _locked(codes: Iterable[str], *, member: uuid.UUID | None = None) -> list[Coupon]:
    """The coupons, locked in order of their codes; all of them, or CouponNotFound."""
    wanted = sorted({written_code(code) for code in codes})
    rows = list(
        Coupon.objects.select_for_update(of=("self",))
        .select_related("template")
        .filter(code__in=wanted)
        .order_by("code")
    )
    found = {row.code for row in rows if member in (None, row.member_id)}
    if missing := [code for code in wanted if code not in found]:
        raise CouponNotFound(coupon=missing[0])
    return rows


def check_usable(*, row: Coupon, reference: str, at: datetime) -> None:
    """Whether this reference may have it at `at`. Raises CouponLocked, CouponUsed, CouponExpired,
    CouponVoided, CouponNotYetValid."""
    state = row.state_at(at)
    if state == State.LOCKED:
        if row.reference != reference:
            raise CouponLocked(coupon=row.code, locked_until=_text(row.locked_until))
    elif state in _REFUSED:
        raise _REFUSED[state](coupon=row.code)
    elif row.valid_from > at:
        raise CouponNotYetValid(coupon=row.code, valid_from=_text(row.valid_from))


def _judge_return(row: Coupon, reference: str, at: datetime) -> GivenBack:
    if row.state != State.USED or row.reference != reference:
        is_returned = row.returned_from == reference
        return GivenBack(row, is_returned, "returned" if is_returned else "not_used")
    if not row.terms.returns_on_refund:
        return GivenBack(row, False, "kept_by_terms")
    if row.valid_until is not None and row.valid_until <= at:
        return GivenBack(row, False, "expired")
    return GivenBack(row, True, "returned")


def _void(rows: Sequence[Coupon], *, at: datetime, actor: str, reason: str) -> None:
    for row in rows:
        row.state, row.ended_at, row.ended_by, row.void_reason = State.VOIDED, at, actor, reason
        row.reference, row.locked_at, row.locked_until = "", None, None
    _save(
        rows, "state", "ended_at", "ended_by", "void_reason", "reference", "locked_at",
        "locked_until",
    )  # fmt: skip
    _tell("coupon.voided", rows, at)
    for template in sorted({row.template_id for row in rows}):
        gone = sum(row.template_id == template for row in rows)
        CouponTemplate.objects.filter(pk=template).update(issued_count=F("issued_count") - gone)


def _save(rows: Sequence[Coupon], *fields: str) -> None:
    if rows:
        Coupon.objects.bulk_update(rows, fields)


def _tell(topic: str, rows: Sequence[Coupon], at: datetime) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute("select coupons_tell(%s, %s, %s)", [topic, [r.pk for r in rows], at])


def _json(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(body).decode()


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
