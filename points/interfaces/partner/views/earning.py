"""Earning rules, and the events they look at."""

import uuid
from typing import Any

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidBody, InvalidCursor, invalid_body
from kernel.db import connection
from kernel.shapes import Moment
from points.earning import errors
from points.earning.models import EarningEvent
from points.earning.queries import get_event
from points.flows import events_received
from points.flows.events_received import IncomingEvent
from points.interfaces import rule_shapes as shapes
from points.interfaces import rules
from points.interfaces.explaining_rules import explain_results
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.schemas import Empty
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id

_item = msgspec.json.Decoder(IncomingEvent)


class EarningRules(PartnerEndpoint):
    """Rules that give points on top of the programme's own."""

    @operation(
        summary="List earning rules",
        description="Three queries, however many rules there are.",
        answers={200: shapes.RuleItems},
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.RuleItems:
        return rules.rule_items()

    @operation(
        summary="Add an earning rule",
        description="As a draft, or published at once.",
        body=shapes.RuleIn,
        answers={201: shapes.RuleDetailOut},
        refuses=[errors.RuleCodeTaken, errors.TooManyRules, *rules.CHECKED, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.RuleIn) -> shapes.RuleDetailOut:
        return rules.add_rule(body=body, actor=self.actor, audit=self.audit)


class EarningRuleView(PartnerEndpoint):
    """One rule."""

    @operation(
        summary="Get an earning rule with its versions",
        answers={200: shapes.RuleDetailOut},
        refuses=[errors.RuleNotFound],
        scope="settings:read",
    )
    def get(self, request: Request, rule_code: str) -> shapes.RuleDetailOut:
        return rules.rule_detail(rule_code)

    @operation(
        summary="Change an earning rule",
        description="Changes the draft; what is in force stays until the draft is published."
        " With `status` `published` that happens at once.",
        body=dict[str, Any],
        answers={200: shapes.RuleDetailOut},
        refuses=[errors.RuleNotFound, *rules.CHECKED, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(self, request: Request, body: dict[str, Any], rule_code: str) -> shapes.RuleDetailOut:
        return rules.change_rule(code=rule_code, body=body, actor=self.actor, audit=self.audit)


class EarningRulePublications(PartnerEndpoint):
    """Putting a draft, or an earlier version, in force."""

    @operation(
        summary="Publish an earning rule",
        description="The draft; or with `restores` an earlier version, as a new one.",
        body=shapes.PublicationIn,
        answers={201: shapes.RuleDetailOut},
        refuses=[
            errors.RuleNotFound, errors.NothingToPublish, errors.VersionNotFound, *rules.CHECKED,
            KeyReused,
        ],
        idempotency_key="optional",
        scope="settings:write",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.PublicationIn, rule_code: str
    ) -> shapes.RuleDetailOut:
        return rules.publish_rule(code=rule_code, body=body, actor=self.actor, audit=self.audit)


class EarningRuleSuspension(PartnerEndpoint):
    """Stopping a rule."""

    @operation(
        summary="Stop an earning rule",
        description="It gives nothing from now on; what it gave stays.",
        body=Empty,
        answers={200: shapes.RuleDetailOut},
        refuses=[errors.RuleNotFound, errors.NothingToPublish, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: Empty, rule_code: str) -> shapes.RuleDetailOut:
        return rules.stop_rule(code=rule_code, actor=self.actor, audit=self.audit)


class Events(PartnerEndpoint):
    """What members did."""

    confirms_caller = True

    @operation(
        summary="List events, newest first",
        description="Three queries, and two for each event that met rules.",
        query=shapes.EventQuery,
        answers={200: shapes.EventItems},
        refuses=[InvalidCursor, MemberNotFound],
        scope="points:read",
    )
    def get(self, request: Request, query: shapes.EventQuery) -> shapes.EventItems:
        rows = EarningEvent.objects.order_by("-received_at", "-id")
        if query.member_external_id is not None:
            member = get_by_external_id(external_id=query.member_external_id)
            rows = rows.filter(member_id=member.pk)
        if query.type is not None:
            rows = rows.filter(type=query.type)
        after = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
        if after is not None:
            rows = rows.extra(where=["(received_at, id) < (%s, %s)"], params=list(after))
        page, following = cut(
            list(rows[: query.limit + 1]), query.limit, lambda row: (row.received_at, row.pk)
        )
        return shapes.EventItems(items=[event(row) for row in page], next=following)

    @operation(
        summary="Send an event",
        description="Its `id` is its natural key for ever. Sent again equal: 200 and the first"
        " result. Sent again different: 409.",
        body=shapes.EventIn,
        answers={201: shapes.EventOut, 200: shapes.EventOut},
        refuses=[
            MemberNotFound, errors.EventConflict, errors.EventTypeReserved,
            errors.EventTypeUnknown, KeyReused,
        ],
        idempotency_key="optional",
        scope="points:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.EventIn) -> Answer:
        outcome = events_received.take_event(
            event=body, at=clock.now(), actor=self.actor, confirm=self.confirmation
        )
        return Answer(
            event(get_event(external_id=outcome.external_id)),
            201 if outcome.outcome == "created" else 200,
        )


class EventBatch(PartnerEndpoint):
    """Telling up to a thousand events at once."""

    confirms_caller = True

    @operation(
        summary="Send up to 1,000 events",
        description="Answered in order; an item that is refused does not keep the others out.",
        body=shapes.EventBatchIn,
        answers={200: shapes.EventResults},
        refuses=[InvalidBody, KeyReused],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: shapes.EventBatchIn) -> shapes.EventResults:
        parsed = [_parse(raw) for raw in body.events]
        good = [one for one in parsed if isinstance(one, IncomingEvent)]
        outcomes = iter(
            events_received.take_events(
                events=good, at=clock.now(), actor=self.actor, confirm=self.confirmation
            )
        )
        results = [
            _result(next(outcomes)) if isinstance(item, IncomingEvent) else item for item in parsed
        ]
        return shapes.EventResults(results=results)


class EventView(PartnerEndpoint):
    """One event."""

    @operation(
        summary="Get an event, and what the rules made of it",
        answers={200: shapes.EventOut},
        refuses=[errors.EventNotFound],
        scope="points:read",
    )
    def get(self, request: Request, event_id: str) -> shapes.EventOut:
        return event(get_event(external_id=event_id))


def event(row: EarningEvent) -> shapes.EventOut:
    """An event with its explanation."""
    return shapes.EventOut(
        id=row.external_id, type=row.type, member_id=row.member_id, occurred_at=row.occurred_at,
        points_earned=row.points_earned,
        evaluation=explain_results(
            row.evaluation, source_id=row.pk, currency=connection.tenant.currency
        ),
    )  # fmt: skip


def _parse(raw: msgspec.Raw) -> IncomingEvent | shapes.EventResult:
    try:
        return _item.decode(raw)
    except msgspec.ValidationError as error:
        refusal = invalid_body(error)
        body = msgspec.json.decode(raw)
        found = body.get("id") if isinstance(body, dict) else None
        return shapes.EventResult(
            id=found if isinstance(found, str) else None, outcome="refused", points_earned=0,
            code=refusal.code, detail=str(refusal),
        )  # fmt: skip


def _result(outcome: events_received.EventOutcome) -> shapes.EventResult:
    error = outcome.error
    return shapes.EventResult(
        id=outcome.external_id, outcome=outcome.outcome, points_earned=outcome.points_earned,
        code=error.code if error else None, detail=str(error) if error else None,
    )  # fmt: skip
