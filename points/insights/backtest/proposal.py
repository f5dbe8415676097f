"""What is to be compared with the programme and the rules of now, and the two sides it makes."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any

import msgspec

from kernel.clock import Almanac
from kernel.ids import new_id
from points.coupons.queries import find_templates
from points.earning.awards import Granting, granting_of, rule_owner
from points.earning.evaluation import Compiled
from points.earning.queries import Pot, RuleSet
from points.earning.rules import Code, Rule, RuleDocument, Version, conditions_of
from points.insights.backtest.allowances import Purse
from points.insights.errors import ProposalInvalid
from points.program.actions import name_field
from points.program.calculations import Earning, Positive, Section, TierRule, Whole
from points.program.queries import ActiveProgram
from points.tiers.calculations import Benefits

MOST_DAYS = 1096
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class RuleProposal(Section):
    """What a rule would say; without a document it would be stopped."""

    code: Code
    document: RuleDocument | None


class TierProposal(Section):
    """What a tier would ask for and give; what is left out stays."""

    code: Annotated[str, msgspec.Meta(max_length=40)]
    threshold: Whole | None = None
    earn_multiplier: Decimal | None = None

    def __post_init__(self) -> None:
        if self.earn_multiplier is not None:
            Benefits(earn_multiplier=self.earn_multiplier)  # the checks of a stored one


class GrowthProposal(Section):
    """How money would turn into growth value."""

    step_cents: Positive
    per_step: Positive


class Proposal(Section):
    """What would change; the rest stays as it is now. `days` of orders are replayed."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 90
    rules: Annotated[list[RuleProposal], msgspec.Meta(max_length=200)] = []
    earning: Earning | None = None
    growth: GrowthProposal | None = None
    tiers: Annotated[list[TierProposal], msgspec.Meta(max_length=20)] = []


class Level(msgspec.Struct, frozen=True):
    """A tier as the replay knows it."""

    code: str
    threshold: int
    multiplier: Decimal


class Side(msgspec.Struct, frozen=True):
    """A programme, its order rules as if they had always been in force, its budgets at their start,
    its tiers from the lowest."""

    granting: Granting
    purses: Mapping[int, Purse]
    ladder: tuple[Level, ...]

    @property
    def settings(self) -> Any:
        """The programme's settings."""
        return self.granting.program.settings

    def level(self, code: str | None) -> Level | None:
        """A tier by its code; None is where everybody begins."""
        found = next((one for one in self.ladder if one.code == code), None)
        begin = self.ladder[0] if self.ladder and self.ladder[0].threshold == 0 else None
        return found or begin


class SteadyRules(RuleSet):
    """Rules that never change: those of a trigger are looked up once."""

    def in_force(self, trigger: str, at: datetime) -> list[Compiled]:
        """Rules with this trigger."""
        found = self._found.get(trigger)
        if found is None:
            found = self._found[trigger] = super().in_force(trigger, at)
        return found

    @cached_property
    def _found(self) -> dict[str, list[Compiled]]:
        return {}


def parse_proposal(given: Mapping[str, Any], program: ActiveProgram) -> Proposal:
    """A proposal as it was sent; `earning` may name only what changes.

    Raises ProposalInvalid.
    """
    document = dict(given)
    if isinstance(document.get("earning"), Mapping):
        of_now = msgspec.to_builtins(program.settings.earning)
        document["earning"] = {**of_now, **document["earning"]}
    try:
        proposal = msgspec.convert(document, Proposal, strict=True)
    except msgspec.ValidationError as error:
        field, reason = name_field(error=error)
        raise ProposalInvalid(field=field or "proposal", reason=reason) from None
    for name, codes in (("rules", proposal.rules), ("tiers", proposal.tiers)):
        named = [one.code for one in codes]
        if len(set(named)) < len(named):
            raise ProposalInvalid(field=name, reason="names a code twice")
    return proposal


def live_side(
    program: ActiveProgram, rules: RuleSet, purses: Mapping[str, Purse], ladder: Iterable[Level],
    *, at: datetime,
) -> Side:  # fmt: skip
    """The programme and the rules that are in force at a moment. `purses` are by owner."""
    found = [_always(rule.code, document, rule.id) for rule, document in rules.live(at)]
    almanac = Almanac(program.calendar.timezone, program.calendar.day_start_hour)
    program = msgspec.structs.replace(program, calendar=almanac)
    return _side(program, found, rules, purses, tuple(ladder))


def draft_side(
    live: Side, proposal: Proposal, rules: RuleSet, purses: Mapping[str, Purse], *, at: datetime
) -> Side:
    """The same with what is proposed in its place. Raises ProposalInvalid, ConditionInvalid."""
    program = _changed_program(live.granting.program, proposal)
    documents = {rule.code: (rule.id, document) for rule, document in rules.live(at)}
    _check_coupons(proposal)
    for one in proposal.rules:
        known = rules.find(one.code)
        rule_id = known.id if known else new_id()
        if one.document is None:
            documents.pop(one.code, None)
        else:
            conditions_of(one.document)
            if one.document.funding_source not in rules.payers:
                raise ProposalInvalid(field=f"rules.{one.code}.funding_source", reason="unknown")
            documents[one.code] = rule_id, one.document
    found = [_always(code, document, rule_id) for code, (rule_id, document) in documents.items()]
    return _side(program, found, rules, purses, _changed_ladder(live.ladder, proposal.tiers))


def _check_coupons(proposal: Proposal) -> None:
    """Rules that are proposed give coupons that there are. No query when they give none."""
    wanted = {
        one.code: one.document.reward.template
        for one in proposal.rules
        if one.document and one.document.reward.template
    }
    known = find_templates(codes=wanted.values())
    for code, template in wanted.items():
        if template not in known:
            raise ProposalInvalid(field=f"rules.{code}.reward.template", reason="unknown")


def _always(code: str, document: RuleDocument, rule_id: uuid.UUID) -> Rule:
    """A rule whose own time is left out: what it would have done all along."""
    opened = msgspec.structs.replace(document, starts_at=None, ends_at=None)
    return Rule(rule_id, code, [Version(1, _ALWAYS, opened)])


def _side(
    program: ActiveProgram, found: Sequence[Rule], rules: RuleSet, purses: Mapping[str, Purse],
    ladder: tuple[Level, ...],
) -> Side:  # fmt: skip
    """Rules with their payers and totals; a total is full at the beginning."""
    pots = {owner: pot for owner, pot in rules.pots.items() if owner.startswith("funding:")}
    full = {pots[owner].id: purse for owner, purse in purses.items() if owner in pots}
    for place, rule in enumerate(found, 1):
        total = rule.versions[0].document.limits.total_points  # type: ignore[union-attr]
        if total is not None:
            pot = Pot(-place, rule_owner(rule.id), "points", "stop", takes_revenue=False)
            pots[pot.owner], full[pot.id] = pot, Purse(total)
    return Side(granting_of(program, SteadyRules(found, rules.payers, pots)), full, ladder)


def _changed_program(program: ActiveProgram, proposal: Proposal) -> ActiveProgram:
    settings = program.settings
    if proposal.earning is not None:
        settings = msgspec.structs.replace(settings, earning=proposal.earning)
    if proposal.growth is not None:
        tiers: TierRule = msgspec.structs.replace(
            settings.tiers, growth_step_cents=proposal.growth.step_cents,
            growth_per_step=proposal.growth.per_step,
        )  # fmt: skip
        settings = msgspec.structs.replace(settings, tiers=tiers)
    return msgspec.structs.replace(program, settings=settings)


def _changed_ladder(ladder: tuple[Level, ...], changes: list[TierProposal]) -> tuple[Level, ...]:
    """The ladder from the lowest. Raises ProposalInvalid for unknown tiers and equal thresholds."""
    by_code = {one.code: one for one in ladder}
    for change in changes:
        if change.code not in by_code:
            raise ProposalInvalid(field="tiers", reason=f"there is no tier `{change.code}`")
        old = by_code[change.code]
        by_code[change.code] = Level(
            old.code, old.threshold if change.threshold is None else change.threshold,
            old.multiplier if change.earn_multiplier is None else change.earn_multiplier,
        )  # fmt: skip
    found = sorted(by_code.values(), key=lambda one: one.threshold)
    if len({one.threshold for one in found}) < len(found):
        raise ProposalInvalid(field="tiers", reason="two tiers with one threshold")
    return tuple(found)
