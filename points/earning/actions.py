"""Every write of earning: rules and their versions, awards, events."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import DatabaseError, IntegrityError, transaction

from kernel.db import Ask, ask, connection
from kernel.ids import new_id
from points.budget.actions import set_budget
from points.budget.calculations import BudgetTerms
from points.coupons.queries import get_template
from points.earning.awards import Awarded, ClaimTerms, claim_terms, granting_of, rule_owner
from points.earning.coupon_rewards import claimed_coupon, with_coupons
from points.earning.errors import (
    NothingToPublish,
    RuleCodeTaken,
    RuleInvalid,
    TaskNotClaimable,
    TaskOver,
    TaskUsedUp,
    TooManyRules,
    VersionNotFound,
)
from points.earning.models import Award, EarningRule, RuleVersion
from points.earning.queries import ask_rules, get_rule
from points.earning.rules import RuleDocument, conditions_of
from points.ledger.actions import Grant
from points.ledger.queries import get_funding_source
from points.members.errors import refusing_merged
from points.program.actions import name_field, renew_revision
from points.program.queries import ask_program
from points.segments.actions import hold_segments

# Every occasion is held against every rule of its trigger.
MOST_RULES = 200


@transaction.atomic
def create_rule(*, code: str, document: dict[str, Any], at: datetime) -> EarningRule:
    """A new rule as a draft. Raises RuleInvalid, ConditionInvalid, FundingSourceNotFound,
    TemplateNotFound, RuleCodeTaken, TooManyRules."""
    checked = parse_document(document=document)
    if EarningRule.objects.count() >= MOST_RULES:
        raise TooManyRules(most=MOST_RULES)
    try:
        with transaction.atomic():
            return EarningRule.objects.create(
                id=new_id(), code=code, draft=msgspec.to_builtins(checked),
                created_at=at, updated_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise RuleCodeTaken(rule=code) from None


@transaction.atomic
def install_rules(*, documents: Mapping[str, dict[str, Any]], at: datetime, actor: str) -> None:
    """Publish the first rules of a new shop, by their codes, in three queries.

    They come from Jifen itself: of the payer, who must be the merchant, and of segments and totals
    they may say nothing. Raises RuleInvalid, ConditionInvalid.
    """
    rules, versions = [], []
    for code, document in documents.items():
        checked = _check_shape(document)
        rule = EarningRule(id=new_id(), code=code, created_at=at, updated_at=at)
        rules.append(rule)
        versions.append(
            RuleVersion(
                rule=rule, number=1, document=msgspec.to_builtins(checked), effective_from=at,
                published_at=at, published_by=actor,
            )
        )  # fmt: skip
    EarningRule.objects.bulk_create(rules)
    RuleVersion.objects.bulk_create(versions)
    renew_revision()


@transaction.atomic
def change_draft(*, code: str, changes: dict[str, Any], at: datetime) -> EarningRule:
    """Lay changes over the draft, or over what is live when there is none; nothing is published.

    Raises RuleNotFound, RuleInvalid, ConditionInvalid, FundingSourceNotFound, TemplateNotFound.
    """
    rule = get_rule(code=code, lock=True)
    checked = parse_document(document={**latest_document(rule=rule), **changes})
    rule.draft = msgspec.to_builtins(checked)
    rule.updated_at = at
    rule.save(update_fields=["draft", "updated_at"])
    return rule


@transaction.atomic
def publish_rule(
    *, code: str, effective_from: datetime | None, at: datetime, actor: str,
    restores: int | None = None,
) -> RuleVersion:  # fmt: skip
    """Publish the draft, or bring an earlier version back, from now or a later moment on.

    The first version of a rule that says when it starts counts from then, so that what happened
    since and is told late counts too. Raises RuleNotFound, NothingToPublish, VersionNotFound,
    RuleInvalid, ConditionInvalid, FundingSourceNotFound, SegmentNotFound, TemplateNotFound.
    """
    rule = get_rule(code=code, lock=True)
    if restores is None:
        if rule.draft is None:
            raise NothingToPublish()
        document = rule.draft
    else:
        document = _version(rule, restores).document
        if document is None:
            raise VersionNotFound()
    checked = parse_document(document=document)
    begins = max(effective_from or at, at)
    if not rule.versions.exists() and effective_from is None and checked.starts_at:
        begins = min(at, checked.starts_at)
    version = _add_version(rule, msgspec.to_builtins(checked), begins, at, actor, restores)
    _set_total(rule, checked, at)
    if restores is None:
        rule.draft = None
    rule.updated_at = at
    rule.save(update_fields=["draft", "updated_at"])
    renew_revision()
    return version


@transaction.atomic
def stop_rule(*, code: str, at: datetime, actor: str) -> RuleVersion:
    """From now on the rule gives nothing; what it gave stays. Raises RuleNotFound,
    NothingToPublish when it is not in use."""
    rule = get_rule(code=code, lock=True)
    latest = rule.versions.order_by("-number").first()
    if latest is None or latest.document is None:
        raise NothingToPublish()
    if rule.draft is None:
        rule.draft = latest.document
    rule.updated_at = at
    rule.save(update_fields=["draft", "updated_at"])
    version = _add_version(rule, None, at, at, actor, None)
    renew_revision()
    return version


@transaction.atomic
def discard_draft(*, code: str, at: datetime) -> dict[str, Any]:
    """Drop the draft; a rule that was never published goes with it. Answers what was dropped.

    Raises RuleNotFound, NothingToPublish when there is no draft.
    """
    rule = get_rule(code=code, lock=True)
    dropped = rule.draft
    if dropped is None:
        raise NothingToPublish()
    if not rule.versions.exists():
        rule.delete()
        return dict(dropped)
    rule.draft = None
    rule.updated_at = at
    rule.save(update_fields=["draft", "updated_at"])
    return dict(dropped)


def parse_document(*, document: dict[str, Any]) -> RuleDocument:
    """A rule's document as a struct, its conditions, payer, segments and coupon checked.

    Raises RuleInvalid naming the first wrong field, ConditionInvalid, FundingSourceNotFound,
    SegmentNotFound, TemplateNotFound.
    """
    checked = _check_shape(document)
    if checked.reward.template is not None:
        get_template(code=checked.reward.template)
    get_funding_source(code=checked.funding_source)
    hold_segments(codes=checked.segments)
    return checked


def _check_shape(document: dict[str, Any]) -> RuleDocument:
    try:
        checked = msgspec.convert(document, RuleDocument, strict=True)
    except msgspec.ValidationError as error:
        field, reason = name_field(error=error)
        raise RuleInvalid(field=field or "rule", reason=reason) from None
    conditions_of(checked)
    return checked


def award(*, items: Sequence[Grant], at: datetime, actor: str) -> list[Awarded]:
    """Grant these, within their limits and budgets, in the caller's transaction.

    Raises MemberMerged when one of the members was merged meanwhile.
    """
    with refusing_merged():
        return ask(ask_to_award(items=items, at=at, actor=actor))[0] if items else []


def ask_to_award(*, items: Sequence[Grant], at: datetime, actor: str) -> Ask[list[Awarded]]:
    """Judge limits and budgets of these grants and grant what passes, in the caller's transaction.

    Items without limits are granted as they are. One transaction asks once: pots are locked in
    order within one call. A coupon that cannot be given is an award that was refused, never an
    error: what happened is not lost for it.
    """
    items = with_coupons(items, at=at, actor=actor)
    values = [msgspec.json.encode(items).decode(), at, actor]
    return Ask("earning_grant(%s, %s, %s)", values, _awarded.decode)


_awarded = msgspec.json.Decoder(list[Awarded])


def ask_to_date_awards(*, order_id: uuid.UUID, matures_at: datetime) -> Ask[None]:
    """Awards that wait to be claimed, and for the return window of this order, get their date."""
    return Ask("earning_date_awards(%s, %s)", [order_id, matures_at], lambda _: None)


def follow_order(*, order_id: uuid.UUID, at: datetime) -> None:
    """What the awards of an order count for in limits per member follows what became of it.

    Refunded in full they count no more; not so any longer, they count again. Asked again it changes
    nothing. The caller holds the order and has saved its sums. One query. Raises MemberMerged.
    """
    with refusing_merged():
        ask(Ask("earning_follow_order(%s, %s)", [order_id, at], lambda _: None))


class Claimed(msgspec.Struct, frozen=True):
    """What a claim gave: points, or one coupon of a template (by its code)."""

    award_id: uuid.UUID
    rule_code: str
    points: int
    coupon: str | None = None


@transaction.atomic
def claim_award(
    *, award_id: uuid.UUID, member_id: uuid.UUID, at: datetime, actor: str
) -> Claimed:  # fmt: skip
    """Give a member what waits for it; dated now, and its points live by the programme of now.

    The version of the rule that made the award says until when it can be claimed (`ends_at`); that
    the rule was changed or stopped since takes nothing away. Raises TaskNotClaimable when nothing
    waits under this id for this member, TaskOver, TaskUsedUp, MemberMerged; nothing has moved then.
    Three queries; two more for a coupon.
    """
    program, rules = ask(ask_program(), ask_rules())
    waiting = Award.objects.filter(pk=award_id, member_id=member_id).first()
    compiled = rules.version(waiting.rule_id, waiting.version) if waiting else None
    if waiting is None or compiled is None:
        raise TaskNotClaimable()
    ends = compiled.document.ends_at
    if ends is not None and at >= ends and waiting.status == Award.Status.CLAIMABLE:
        raise TaskOver()
    template = compiled.document.reward.template
    terms = claim_terms(compiled, waiting.grant or {}, at, granting_of(program, rules))
    if template is not None:
        coupon = claimed_coupon(
            template=template, award_id=waiting.pk, member=member_id, at=at, actor=actor
        )
        terms = msgspec.structs.replace(terms, coupon=coupon)
    with refusing_merged():
        ((points, reason),) = ask(_ask_to_claim(waiting.pk, member_id, terms, at, actor))
    if reason == "gone":
        raise TaskNotClaimable()
    if reason:
        raise TaskUsedUp(reason=reason)
    return Claimed(waiting.pk, compiled.rule.code, points, template)


def _ask_to_claim(
    award_id: uuid.UUID, member_id: uuid.UUID, terms: ClaimTerms, at: datetime, actor: str
) -> Ask[tuple[int, str]]:
    """Claim: the points, or 0 and why not (`gone`, or the pot that has too little)."""
    values = [award_id, member_id, msgspec.json.encode(terms).decode(), at, actor]
    return Ask("earning_claim(%s, %s, %s, %s, %s)", values, _claimed.decode)


_claimed = msgspec.json.Decoder(tuple[int, str])


class EventRecord(msgspec.Struct, kw_only=True, frozen=True):
    """An event as it is stored: the columns of its table."""

    id: uuid.UUID
    external_id: str
    fingerprint: str
    type: str
    member_id: uuid.UUID
    properties: dict[str, Any]
    evaluation: list[dict[str, object]]
    occurred_at: datetime
    received_at: datetime
    points_earned: int = 0


_earned = msgspec.json.Decoder(dict[uuid.UUID, int])


def ask_to_record_events(*, records: Sequence[EventRecord]) -> Ask[dict[uuid.UUID, int]]:
    """Store events whose awards have been granted; answers the points each earned.

    It raises IntegrityError, which `is_told_twice` knows, when one of them is stored already.
    """
    values = [msgspec.json.encode(records).decode()]
    return Ask("earning_record_events(%s)", values, _earned.decode)


def is_told_twice(*, error: DatabaseError) -> bool:
    """Whether a write failed because the event was stored by somebody else."""
    return "event_is_told_once" in str(error)


def latest_document(*, rule: EarningRule) -> dict[str, Any]:
    """What is being prepared, or else what was published last; empty before either."""
    if rule.draft is not None:
        return dict(rule.draft)
    latest = rule.versions.exclude(document=None).order_by("-number").first()
    return dict(latest.document or {}) if latest else {}


def _version(rule: EarningRule, number: int) -> RuleVersion:
    found = rule.versions.filter(number=number).first()
    if found is None:
        raise VersionNotFound()
    return found


def _add_version(
    rule: EarningRule, document: dict[str, Any] | None, begins: datetime, at: datetime, actor: str,
    restores: int | None,
) -> RuleVersion:  # fmt: skip
    last = rule.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return RuleVersion.objects.create(
        rule=rule, number=last + 1, document=document, effective_from=begins, published_at=at,
        published_by=actor, restores=restores,
    )  # fmt: skip


def _set_total(rule: EarningRule, document: RuleDocument, at: datetime) -> None:
    """What all members get together is a pot of the rule."""
    total = document.limits.total_points
    terms = BudgetTerms(points=total, on_limit="stop") if total is not None else None
    set_budget(owner=rule_owner(rule.pk), terms=terms, at=at)


def unite_members(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Events, awards and counts of two members become one person's; four statements.

    What a rule gave both in a period adds up, so that its limits hold for the person: whoever is
    over one by then gets nothing more, and nothing is taken back. An occasion that comes once, or
    once a year, has been for both. The caller holds the locks of both members' wallets.
    """
    names = {"loser": loser, "survivor": survivor}
    with connection.cursor() as cursor:
        for statement in _UNITE:
            cursor.execute(statement, names)


_UNITE = (
    """
    update earning_earningevent e set member_id = %(survivor)s,
           external_id = case when e.type in ('member.registered', 'member.profile_completed', 'member.birthday',
             'checkin')
             and not exists (select 1 from earning_earningevent k where k.external_id
                  = replace(e.external_id, %(loser)s::uuid::text, %(survivor)s::uuid::text))
             then replace(e.external_id, %(loser)s::uuid::text, %(survivor)s::uuid::text)
             else e.external_id end
     where e.member_id = %(loser)s""",
    """
    update earning_award set member_id = %(survivor)s,
           "grant" = jsonb_set("grant", '{member}', to_jsonb(%(survivor)s::uuid))
     where member_id = %(loser)s""",
    """
    insert into earning_awardcount as n (member_id, rule_id, period, times, points)
    select %(survivor)s, rule_id, period, times, points from earning_awardcount
     where member_id = %(loser)s
    on conflict (member_id, rule_id, period)
    do update set times = n.times + excluded.times, points = n.points + excluded.points""",
    "delete from earning_awardcount where member_id = %(loser)s",
)
