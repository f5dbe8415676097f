"""Earning rules: what they say, what they are about to say, what they gave."""

import re
import uuid
from typing import Any

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import Moment, Page
from points.earning import errors
from points.earning.queries import get_rule, list_given
from points.earning.rules import TRIGGER
from points.interfaces import rule_shapes as shapes
from points.interfaces import rules
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.rules import rule_awards, rule_fields, rule_sheet
from points.interfaces.console.schemas.rules import (
    RuleAwardItems,
    RuleFields,
    RuleFieldsQuery,
    RuleSheet,
)
from points.interfaces.console.schemas.session import Nothing


class EarningRules(ConsoleEndpoint):
    """All rules."""

    @operation(
        summary="List earning rules by their codes, with what each gave so far",
        description="Three queries, however many rules there are.",
        answers={200: shapes.RuleItems},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.RuleItems:
        return rules.rule_items()

    @operation(
        summary="Add an earning rule",
        description="As a draft, or published at once.",
        body=shapes.RuleIn,
        answers={201: RuleSheet},
        refuses=[errors.RuleCodeTaken, errors.TooManyRules, *rules.CHECKED, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.RuleIn) -> RuleSheet:
        return rule_sheet(rules.add_rule(body=body, actor=self.staff.actor, audit=self.audit))


class EarningRuleView(ConsoleEndpoint):
    """One rule."""

    @operation(
        summary="Get an earning rule with its versions",
        description="At most seven queries, however many versions there are.",
        answers={200: RuleSheet},
        refuses=[errors.RuleNotFound, *READING],
        scope="settings:read",
    )
    def get(self, request: Request, rule_code: str) -> RuleSheet:
        return rule_sheet(rules.rule_detail(rule_code))

    @operation(
        summary="Change an earning rule",
        description="Changes the draft; what is in force stays until the draft is published."
        " With `status` `published` that happens at once.",
        body=dict[str, Any],
        answers={200: RuleSheet},
        refuses=[errors.RuleNotFound, *rules.CHECKED, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(self, request: Request, body: dict[str, Any], rule_code: str) -> RuleSheet:
        return rule_sheet(
            rules.change_rule(
                code=rule_code, body=body, actor=self.staff.actor, audit=self.audit
            )
        )  # fmt: skip


class EarningRuleDraft(ConsoleEndpoint):
    """What is being prepared."""

    @operation(
        summary="Discard the draft of an earning rule",
        description="What is in force stays. A rule that was never published goes with its draft.",
        answers={204: None},
        refuses=[errors.RuleNotFound, errors.NothingToPublish, *CHANGING],
        scope="settings:write",
    )
    def delete(self, request: Request, rule_code: str) -> None:
        rules.discard_draft(code=rule_code, audit=self.audit)


class EarningRulePublications(ConsoleEndpoint):
    """Putting a draft, or an earlier version, in force."""

    @operation(
        summary="Publish an earning rule",
        description="The draft; or with `restores` an earlier version, as a new one.",
        body=shapes.PublicationIn,
        answers={201: RuleSheet},
        refuses=[
            errors.RuleNotFound, errors.NothingToPublish, errors.VersionNotFound, *rules.CHECKED,
            KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="settings:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.PublicationIn, rule_code: str) -> RuleSheet:
        return rule_sheet(
            rules.publish_rule(
                code=rule_code, body=body, actor=self.staff.actor, audit=self.audit
            )
        )  # fmt: skip


class EarningRuleSuspension(ConsoleEndpoint):
    """Stopping a rule."""

    @operation(
        summary="Stop an earning rule",
        description="It gives nothing from now on; what it gave stays.",
        body=Nothing,
        answers={200: RuleSheet},
        refuses=[errors.RuleNotFound, errors.NothingToPublish, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: Nothing, rule_code: str) -> RuleSheet:
        return rule_sheet(
            rules.stop_rule(code=rule_code, actor=self.staff.actor, audit=self.audit)
        )  # fmt: skip


class EarningRuleFields(ConsoleEndpoint):
    """What conditions of rules can speak of."""

    @operation(
        summary="List the fields a rule's conditions may use, by its trigger",
        description="One query: the tiers, which are offered by name.",
        query=RuleFieldsQuery,
        answers={200: RuleFields},
        refuses=[errors.EventTypeUnknown, *READING],
        scope="settings:read",
    )
    def get(self, request: Request, query: RuleFieldsQuery) -> RuleFields:
        if not re.search(TRIGGER, query.trigger):
            raise errors.EventTypeUnknown(type=query.trigger)
        return rule_fields(query.trigger)


class EarningRuleAwards(ConsoleEndpoint):
    """What a rule gave."""

    @operation(
        summary="List what a rule gave and refused, newest first",
        description="Three queries: rule, awards, members.",
        query=Page,
        answers={200: RuleAwardItems},
        refuses=[errors.RuleNotFound, InvalidCursor, *READING],
        scope="settings:read",
    )
    def get(self, request: Request, query: Page, rule_code: str) -> RuleAwardItems:
        rows = list_given(
            rule=get_rule(code=rule_code).pk, limit=query.limit + 1,
            before=decode_cursor(query.cursor, tuple[Moment, uuid.UUID]),
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: (row.occurred_at, row.pk))
        return RuleAwardItems(items=rule_awards(page), next=following)
