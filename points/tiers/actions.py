"""Every write of tiers. Moves of members are stored functions (`sql/reassess.sql`)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kernel import outbox
from kernel.db import Ask, ask, connection
from points.members.identity import hold_member
from points.program.actions import change_program
from points.program.queries import ActiveProgram
from points.tiers import queries
from points.tiers.calculations import Benefits
from points.tiers.errors import (
    BenefitsInvalid,
    DateNotAhead,
    NotSetByHand,
    ThresholdTaken,
    TierCodeTaken,
    TooManyTiers,
)
from points.tiers.models import MemberTier, Tier, TierMove, TierRecalculation

LIMIT = 20
# Members looked at in one statement; an order of one who is moved by it waits for it.
BATCH = 5_000


@transaction.atomic
def create_tier(*, fields: dict[str, Any], at: datetime) -> Tier:
    """Add a tier; the first one switches the programme's tiers on.

    `fields`: code, threshold, and what `change_tier` takes. Raises TierCodeTaken, ThresholdTaken,
    TooManyTiers, BenefitsInvalid.
    """
    ladder = _lock_ladder()
    if any(one.code == fields["code"] for one in ladder):
        raise TierCodeTaken(code=fields["code"])
    if len(ladder) >= LIMIT:
        raise TooManyTiers(limit=LIMIT)
    tier = Tier(created_at=at, benefits=_benefits({}, {}))
    _lay_over(tier, fields, ladder)
    tier.save(force_insert=True)
    if not ladder:
        change_program(changes={"tiers": {"is_on": True}}, at=at)
    return tier


@transaction.atomic
def change_tier(*, code: str, changes: dict[str, Any]) -> Tier:
    """Change name_zh, name_en, color, threshold, or some of the benefits; members follow with the
    next job.

    Raises TierNotFound, ThresholdTaken, BenefitsInvalid.
    """
    ladder = _lock_ladder()
    tier = queries.get_tier(code=code)
    _lay_over(tier, changes, [one for one in ladder if one.pk != tier.pk])
    tier.save()
    return tier


def create_tiers(*, tiers: Sequence[dict[str, Any]], at: datetime) -> None:
    """A new shop's ladder, in one statement; its programme says whether tiers are on.

    Raises BenefitsInvalid, ThresholdTaken.
    """
    ladder: list[Tier] = []
    for fields in tiers:
        tier = Tier(created_at=at, benefits=_benefits({}, {}))
        _lay_over(tier, fields, ladder)
        ladder.append(tier)
    Tier.objects.bulk_create(ladder)


@transaction.atomic
def set_by_hand(
    *, member_id: uuid.UUID, code: str, until: datetime, reason: str, at: datetime, actor: str
) -> MemberTier:
    """Put a member on a tier until a date, whatever is earned; only an upgrade above it ends it
    sooner. Set again, the new one takes the place of the old.

    Raises TierNotFound, DateNotAhead, MemberMerged.
    """
    tier = queries.get_tier(code=code)
    if until <= at:
        raise DateNotAhead()
    hold_member(member_id=member_id)
    row = _lock_row(member_id)
    before = row.tier
    if row.tier_id != tier.pk:
        row.since = at
    row.tier, row.manual_until, row.reason = tier, until, reason
    why = {"reason": reason, "until": until.isoformat()}
    _save_move(row, TierMove.Kind.MANUAL, before, why, at=at, actor=actor)
    return row


@transaction.atomic
def release(*, member_id: uuid.UUID, reason: str, at: datetime, actor: str) -> MemberTier:
    """End a tier set by hand before its date; what was earned holds again. Raises NotSetByHand,
    MemberMerged."""
    hold_member(member_id=member_id)
    row = _lock_row(member_id)
    if row.manual_until is None:
        raise NotSetByHand()
    before = row.tier
    row.tier, row.manual_until, row.reason, row.since = row.earned_tier, None, "", at
    _save_move(row, TierMove.Kind.MANUAL_ENDED, before, {"reason": reason}, at=at, actor=actor)
    return row


def unite_members(*, loser: uuid.UUID, survivor: uuid.UUID, at: datetime, actor: str) -> None:
    """Two members are one person: a higher tier set by hand for the loser goes on for the survivor
    until its date, and the loser has no place any more. The survivor is to be reassessed then.

    Moves are never changed: `queries.list_moves` reads those of both.
    """
    old = MemberTier.objects.select_related("tier").filter(pk=loser).first()
    if old is None:
        return
    if old.manual_until is not None and old.manual_until > at and old.tier is not None:
        row = _lock_row(survivor)
        if row.tier is None or row.tier.threshold < old.tier.threshold:
            before = row.tier
            row.tier, row.manual_until, row.reason = old.tier, old.manual_until, old.reason
            row.since = at
            why = {"reason": old.reason, "until": old.manual_until.isoformat()}
            _save_move(row, TierMove.Kind.MANUAL, before, why, at=at, actor=actor)
    old.delete()


def ask_to_reassess(
    *, members: Sequence[uuid.UUID], program: ActiveProgram, at: datetime, actor: str
) -> Ask[int]:
    """Bring members up to date, to be asked behind what changed their facts; answers the steps.

    Upgrades at once, ends periods that are over. Asked again it changes nothing.
    """
    values = [sorted(members), _rule(program), at, "upgrade", actor]
    return Ask("tiers_reassess(%s::uuid[], %s, %s, %s, %s)", values, int)


def reassess(
    *, members: Sequence[uuid.UUID], program: ActiveProgram, at: datetime, actor: str
) -> int:
    """`ask_to_reassess`, asked."""
    return ask(ask_to_reassess(members=members, program=program, at=at, actor=actor))[0]


def reassess_due(*, program: ActiveProgram, at: datetime, limit: int = BATCH) -> int:
    """Review up to `limit` members whose period, grace or tier set by hand is over; how many.

    One statement, atomic by itself: killed between two of them, nothing is lost.
    """
    asked = Ask("tiers_reassess_due(%s, %s, %s, %s)", [_rule(program), at, limit, "clock"], int)
    return ask(asked)[0]


def recalculate_all(*, program: ActiveProgram, at: datetime, batch: int = BATCH) -> int:
    """Look at all members anew if the definitions changed since all were looked at; how many.

    In batches, each a transaction that remembers how far it came: killed, the next call goes on
    there. Definitions that change meanwhile begin it anew.
    """
    definition, done = _definition(program), 0
    while _recalculate_some(program, definition, at=at, limit=batch):
        done += batch
    return done


@transaction.atomic
def _recalculate_some(program: ActiveProgram, definition: str, *, at: datetime, limit: int) -> bool:
    run, _ = TierRecalculation.objects.select_for_update().get_or_create(
        pk=1, defaults={"definition": definition}
    )
    if run.definition != definition:
        run.definition, run.cursor, run.is_done = definition, None, False
    if run.is_done:
        return False
    values = [_rule(program), at, run.cursor, limit, "clock"]
    with connection.cursor() as cursor:
        cursor.execute("select tiers_recalculate(%s, %s, %s, %s, %s)", values)
        last = cursor.fetchone()[0]
    run.cursor, run.is_done = last or run.cursor, last is None
    run.save()
    return last is not None


def _definition(program: ActiveProgram) -> str:
    """What decides who is on which tier, as one short text."""
    rule = queries.rule_of(program=program)
    places = [(tier.pk, tier.threshold) for tier in queries.list_tiers()]
    return hashlib.blake2b(msgspec.json.encode([rule, places]), digest_size=16).hexdigest()


def _rule(program: ActiveProgram) -> str:
    return msgspec.json.encode(queries.rule_of(program=program)).decode()


def _lock_ladder() -> list[Tier]:
    return list(Tier.objects.select_for_update().order_by("pk"))


def _lay_over(tier: Tier, changes: dict[str, Any], others: Sequence[Tier]) -> None:
    for field, value in changes.items():
        if field == "benefits":
            value = _benefits(tier.benefits, value)
        setattr(tier, field, value)
    for one in others:
        if one.threshold == tier.threshold:
            raise ThresholdTaken(code=one.code, threshold=tier.threshold)


def _benefits(kept: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Benefits laid over those there are, in their one spelling."""
    try:
        known = {name: kept[name] for name in Benefits.__struct_fields__ if name in kept}
        found = msgspec.convert({**known, **changes}, Benefits, strict=True)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`") or (what.split("`")[1] if "`" in what else "benefits")
        raise BenefitsInvalid(field=field[:60], reason=what[:300]) from None
    document: dict[str, Any] = msgspec.to_builtins(found)
    return document


def _lock_row(member_id: uuid.UUID) -> MemberTier:
    MemberTier.objects.bulk_create([MemberTier(member_id=member_id)], ignore_conflicts=True)
    return MemberTier.objects.select_for_update(of=("self",)).get(pk=member_id)


def _save_move(
    row: MemberTier,
    kind: str,
    before: Tier | None,
    why: dict[str, Any],
    *,
    at: datetime,
    actor: str,
) -> None:
    """The row, its history, and `tier.changed` if it changed."""
    dates = [row.grace_ends_at or row.keeps_until, row.manual_until]
    row.next_review_at = min((date for date in dates if date), default=None)
    row.save()
    TierMove.objects.create(
        member_id=row.member_id, kind=kind, from_tier=before, to_tier=row.tier, why=why,
        actor=actor, occurred_at=at, recorded_at=at,
    )  # fmt: skip
    if before == row.tier:
        return
    begin = queries.first_of(ladder=queries.list_tiers())
    outbox.tell(
        topic="tier.changed", subject=str(row.member_id), at=at,
        payload={
            "member_id": str(row.member_id), "from": _code(before or begin),
            "to": _code(row.tier or begin), "kind": kind, "why": why,
        },
    )  # fmt: skip


def _code(tier: Tier | None) -> str | None:
    return tier.code if tier else None
