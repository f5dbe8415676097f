"""Reading rules, what is known of events, and facts about members."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from django.db.models import Count, Q, Sum

from kernel.bilingual import pack
from kernel.db import NOTHING, Ask, ask, connection
from kernel.memory import Memory
from points.conditions.errors import ConditionInvalid
from points.earning.errors import EventNotFound, RuleNotFound
from points.earning.evaluation import Compiled
from points.earning.facts import MemberFacts
from points.earning.models import Award, AwardCount, EarningEvent, EarningRule, RuleVersion
from points.earning.rules import (
    ORDER_TRIGGERS,
    Limits,
    Rule,
    RuleDocument,
    Version,
    conditions_of,
)
from points.ledger.queries import Payer
from points.program.queries import ActiveProgram
from points.segments.facts import Around
from points.segments.queries import ask_segments_of, find_segments
from points.tiers.queries import Standing, ask_standing

# What reasons begin with when there was no coupon to give.
COUPON_REFUSED = "coupon_"


class Pot(msgspec.Struct, frozen=True):
    """A budget that grants of its owner must come out of."""

    id: int
    owner: str
    measure: str
    on_limit: str
    takes_revenue: bool


class _StoredVersion(msgspec.Struct):
    number: int
    document: RuleDocument | None
    effective_from: datetime


class _StoredRule(msgspec.Struct):
    id: uuid.UUID
    code: str
    versions: list[_StoredVersion]


class _Stored(msgspec.Struct):
    revision: str
    rules: list[_StoredRule]
    payers: list[dict[str, Any]]
    pots: list[Pot]


class RuleSet:
    """All rules of a merchant, who pays for them, and their budgets; parsed once per revision."""

    def __init__(
        self, rules: Sequence[Rule], payers: Mapping[str, Payer], pots: Mapping[str, Pot]
    ) -> None:
        self._rules, self.payers, self.pots = rules, payers, pots
        self._compiled: dict[tuple[uuid.UUID, int], Compiled] = {}

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Triggers that any version of any rule has."""
        documents = (v.document for rule in self._rules for v in rule.versions)
        return frozenset(document.trigger for document in documents if document)

    def segments_of(self, triggers: Iterable[str]) -> set[str]:
        """Codes of segments that versions with these triggers ask for."""
        wanted = set(triggers)
        return {
            code
            for rule in self._rules
            for version in rule.versions
            if version.document and version.document.trigger in wanted
            for code in version.document.segments
        }

    @cached_property
    def takes_revenue(self) -> bool:
        """Whether any budget is a share of the revenue."""
        return any(pot.takes_revenue for pot in self.pots.values())

    @cached_property
    def judges_orders(self) -> bool:
        """Whether what orders earn may be cut by a limit or a budget."""
        documents = (v.document for rule in self._rules for v in rule.versions)
        of_orders = [d for d in documents if d and d.trigger in ORDER_TRIGGERS]
        limited = any(d.limits != Limits() or d.task is not None for d in of_orders)
        return limited or any(pot.owner.startswith("funding:") for pot in self.pots.values())

    def first_moment(self, trigger: str) -> datetime:
        """When the first version with this trigger began."""
        return min(
            version.effective_from
            for rule in self._rules
            for version in rule.versions
            if version.document and version.document.trigger == trigger
        )

    def in_force(self, trigger: str, at: datetime) -> list[Compiled]:
        """Rules with this trigger as they stood at a moment."""
        if trigger not in self.triggers:
            return []
        versions = ((rule, rule.version_at(at)) for rule in self._rules)
        return [
            self._compile(rule, version.number, version.document)
            for rule, version in versions
            if version and version.document and version.document.trigger == trigger
        ]

    def find(self, code: str) -> Rule | None:
        """A rule that has been published, by its code."""
        return next((rule for rule in self._rules if rule.code == code), None)

    def live(self, at: datetime) -> list[tuple[Rule, RuleDocument]]:
        """Rules in force and inside their time, with what they say."""
        versions = ((rule, rule.version_at(at)) for rule in self._rules)
        return [
            (rule, version.document)
            for rule, version in versions
            if version and version.document and version.document.is_open_at(at)
        ]

    def tasks_at(self, at: datetime) -> list[Compiled]:
        """Rules with a task card that are in force and inside their time."""
        versions = ((rule, rule.version_at(at)) for rule in self._rules)
        return [
            self._compile(rule, version.number, version.document)
            for rule, version in versions
            if version and version.document and version.document.task
            if version.document.is_open_at(at)
        ]

    def version(self, rule_id: uuid.UUID, number: int) -> Compiled | None:
        """What a version of a rule said; None for one that stopped it."""
        found = (
            self._compile(rule, one.number, one.document)
            for rule in self._rules
            if rule.id == rule_id
            for one in rule.versions
            if one.number == number and one.document
        )
        return next(found, None)

    def _compile(self, rule: Rule, number: int, document: RuleDocument) -> Compiled:
        key = rule.id, number
        if key not in self._compiled:
            self._compiled[key] = compile_rule(rule, number, document)
        return self._compiled[key]


def compile_rule(rule: Rule, number: int, document: RuleDocument) -> Compiled:
    """A version with its conditions parsed; one whose fields are gone matches nothing."""
    try:
        whole, lines = conditions_of(document)
    except ConditionInvalid:
        return Compiled(rule, number, document, None, None, is_broken=True)
    return Compiled(rule, number, document, whole, lines)


def _read_rules(text: str) -> tuple[str, RuleSet]:
    stored = _stored.decode(text)
    rules = [
        Rule(
            one.id,
            one.code,
            [Version(v.number, v.effective_from, v.document) for v in one.versions],
        )
        for one in stored.rules
    ]
    payers = {
        row["code"]: Payer(row["id"], row["code"], row["unit_cost_micros"]) for row in stored.payers
    }
    return stored.revision, RuleSet(rules, payers, {pot.owner: pot for pot in stored.pots})


_stored = msgspec.json.Decoder(_Stored)
_memory: Memory[RuleSet] = Memory("earning_rules", _read_rules)


def ask_rules() -> Ask[RuleSet]:
    """The merchant's rules, to be asked together with other things; remembered per process."""
    return _memory.ask()


class KnownEvent(msgspec.Struct, array_like=True, frozen=True):
    """An event that was told before."""

    external_id: str
    fingerprint: str
    id: uuid.UUID
    points_earned: int


_known = msgspec.json.Decoder(list[KnownEvent])


def ask_known_events(*, ids: Sequence[str]) -> Ask[dict[str, KnownEvent]]:
    """Which of these events were told before."""
    return Ask(
        "earning_events_known(%s::text[])", [list(ids)],
        lambda text: {one.external_id: one for one in _known.decode(text)},
    )  # fmt: skip


_facts = msgspec.json.Decoder(dict[uuid.UUID, MemberFacts])


def ask_facts(*, members: Sequence[uuid.UUID]) -> Ask[dict[uuid.UUID, MemberFacts]]:
    """Facts of members without tiers and segments, to be asked together with other things."""
    return Ask("earning_member_facts(%s::uuid[])", [list(members)], _facts.decode)


def get_member_facts(
    *, members: Iterable[uuid.UUID], rules: RuleSet, triggers: Iterable[str],
    program: ActiveProgram, at: datetime,
) -> dict[uuid.UUID, MemberFacts]:  # fmt: skip
    """What rules with these triggers may ask about members, and their tiers as they stand.

    One round trip; two more when a rule asks for segments. None, and nothing is known, when neither
    rules nor tiers could ask.
    """
    ids, wanted = list(members), set(triggers)
    if not ids or not (program.settings.tiers.is_on or rules.triggers & wanted):
        return {}
    facts, standings = ask(
        ask_facts(members=ids),
        ask_standing(member_ids=ids) if program.settings.tiers.is_on else _NOBODY,
    )
    inside = _segments_of(ids, rules.segments_of(wanted), program, at)
    return {member: _placed(one, standings.get(member), inside.get(member))
            for member, one in facts.items()}  # fmt: skip


_NOBODY: Ask[dict[uuid.UUID, Standing]] = NOTHING.then(lambda _: {})


def _placed(
    facts: MemberFacts, standing: Standing | None, inside: frozenset[str] | None
) -> MemberFacts:
    if standing is not None:
        facts = msgspec.structs.replace(
            facts, tier=standing.code,
            tier_name=pack(standing.name_zh, standing.name_en) or standing.code,
            multiplier=standing.earn_multiplier,
        )  # fmt: skip
    return msgspec.structs.replace(facts, segments=inside) if inside else facts


def _segments_of(
    members: list[uuid.UUID], codes: set[str], program: ActiveProgram, at: datetime
) -> dict[uuid.UUID, frozenset[str]]:
    if not codes:
        return {}
    found = list(find_segments(codes=sorted(codes)).values())
    around = Around(at, program.calendar)
    return ask(ask_segments_of(members=members, segments=found, around=around))[0]


def get_rule(*, code: str, lock: bool = False) -> EarningRule:
    """A rule by its code. Raises RuleNotFound."""
    rules = EarningRule.objects.filter(code=code)
    found = (rules.select_for_update() if lock else rules).first()
    if found is None:
        raise RuleNotFound()
    return found


def list_rules() -> list[EarningRule]:
    """All rules with their versions, by code. Two queries."""
    return list(EarningRule.objects.order_by("code").prefetch_related("versions"))


class RuleFigures(msgspec.Struct, frozen=True):
    """What a rule gave so far: how often, how many points, to how many members; how many coupons,
    and how often there was none to give."""

    awards: int = 0
    points: int = 0
    members: int = 0
    coupons: int = 0
    coupons_missed: int = 0


def get_figures(*, rules: Iterable[uuid.UUID]) -> dict[uuid.UUID, RuleFigures]:
    """What these rules gave; those that gave nothing and missed nothing are left out. One query."""
    given = Q(status=Award.Status.GRANTED)
    missed = Q(status=Award.Status.REFUSED, reason__startswith=COUPON_REFUSED)
    rows = (
        Award.objects.filter(given | missed, rule_id__in=list(rules))
        .values("rule_id")
        .annotate(
            awards=Count("pk", filter=given), gave=Sum("granted_points"),
            members=Count("member_id", distinct=True, filter=given),
            coupons=Count("pk", filter=given & Q(planned_points=0)),
            missed=Count("pk", filter=missed),
        )
        .values_list("rule_id", "awards", "gave", "members", "coupons", "missed")
        .order_by()
    )  # fmt: skip
    return {rule: RuleFigures(*figures) for rule, *figures in rows}


def list_counts(
    *, member: uuid.UUID, rules: Sequence[uuid.UUID]
) -> dict[tuple[uuid.UUID, str], tuple[int, int]]:
    """(rule, period) → times and points a member has had in all periods so far. One query."""
    rows = AwardCount.objects.filter(member_id=member, rule_id__in=rules)
    return {
        (rule, period): (times, points)
        for rule, period, times, points in rows.values_list("rule_id", "period", "times", "points")
    }


def list_awards(*, source_id: uuid.UUID) -> list[Award]:
    """Awards for one order, event or check-in, with their rules."""
    return list(Award.objects.filter(source_id=source_id).select_related("rule").order_by("key"))


def list_given(
    *, rule: uuid.UUID, limit: int, before: tuple[datetime, uuid.UUID] | None = None
) -> list[Award]:
    """What a rule gave or refused, newest first, after the position `before`. One query."""
    rows = Award.objects.filter(rule_id=rule).order_by("-occurred_at", "-id")
    if before is not None:
        rows = rows.extra(where=["(occurred_at, id) < (%s, %s)"], params=list(before))
    return list(rows[:limit])


def list_documents(*, versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], RuleDocument]:
    """What these versions of rules said, by (code, number). One query."""
    wanted = set(versions)
    rows = RuleVersion.objects.filter(
        rule__code__in={code for code, _ in wanted}, number__in={number for _, number in wanted}
    ).values_list("rule__code", "number", "document")
    return {
        (code, number): msgspec.convert(document, RuleDocument)
        for code, number, document in rows
        if document is not None and (code, number) in wanted
    }


def get_event(*, external_id: str) -> EarningEvent:
    """An event by its id. Raises EventNotFound."""
    found = EarningEvent.objects.filter(external_id=external_id).first()
    if found is None:
        raise EventNotFound()
    return found


def rules_of_segment(code: str) -> list[str]:
    """What of the rules names a segment: `earning_rule:<code>` for each that is in use with it, or
    has it in its draft."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.code from earning_earningrule r where r.draft -> 'segments' ? %s or exists ("
            " select 1 from earning_ruleversion v where v.rule_id = r.id"
            " and v.document -> 'segments' ? %s and v.number >= (select max(l.number)"
            "  from earning_ruleversion l where l.rule_id = r.id))"
            " order by r.code",
            [code, code],
        )
        return [f"earning_rule:{row[0]}" for row in cursor.fetchall()]
