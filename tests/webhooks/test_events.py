"""What the house tells is what docs/events promises, checked by an independent validator."""

import json
from datetime import date, timedelta

import jsonschema_rs
import msgspec
import pytest

from kernel import outbox
from kernel.ids import new_id
from kernel.models import OutboxEvent
from kernel.sealing import SealBroken, seal, unseal
from points.flows.member_joined import join_member
from points.ledger import actions as ledger
from points.webhooks.catalogue import EVENTS, TEST, describe_schemas, find_event, write_body
from tests.flows.test_orders import order, take
from tests.webhooks.conftest import AT, deliver


@pytest.fixture
def schemas(repository):
    """The committed files, by topic."""
    files = (repository / "docs" / "events").glob("*.json")
    return {file.stem: json.loads(file.read_text()) for file in files}


def test_the_committed_schemas_are_those_of_the_catalogue(schemas):
    assert schemas == json.loads(json.dumps(describe_schemas()))
    assert set(schemas) == {*EVENTS, TEST}


def test_every_example_is_what_its_schema_promises(schemas):
    for topic, schema in schemas.items():
        jsonschema_rs.meta.validate(schema)
        (example,) = schema["examples"]
        jsonschema_rs.validate(schema, example)
        with pytest.raises(jsonschema_rs.ValidationError):
            jsonschema_rs.validate(schema, {**example, "type": "something.else"})
        assert find_event(topic).title


def test_real_postings_tell_what_their_schemas_promise(shop, endpoint, receiver, schemas, noon):
    """Everything that is told happens once: bodies as the receiver has them."""
    from points.budget.actions import watch_budgets
    from points.budget.calculations import BudgetTerms
    from points.flows.funding import put_payer
    from points.flows.order_charged_back import (
        IncomingChargeback,
        charge_back_order,
        reverse_chargeback,
    )
    from points.flows.order_refunded import IncomingRefund, refund_order
    from points.ledger.expiring import tell_expiring
    from points.program.actions import change_program
    from points.program.queries import get_program
    from points.tiers.actions import create_tier

    create_tier(fields={"code": "gold", "name_en": "Gold", "threshold": 50}, at=noon)
    change_program(changes={"expiry": {"policy": "rolling", "days": 31}}, at=noon)
    budget = BudgetTerms(points=120, on_limit="alert")
    put_payer(code="merchant", name="M", unit_cost_micros=0, terms=budget, at=noon)
    mei = join_member(external_id="mei", name="Mei", at=noon)
    take(order(noon), noon)
    watch_budgets(at=noon, day=noon.date())
    ledger.spend(member=mei.pk, points=10, key="s", at=noon, actor="t")
    held = ledger.hold_points(
        member=mei.pk, points=5, reference="till", at=noon, expires_in=timedelta(hours=1),
        actor="t",
    )  # fmt: skip
    ledger.capture_hold(hold=held, at=noon, actor="t")
    refund = IncomingRefund(external_id="R-1", refunded_at=noon, amount_cents=5_000)
    refund_order(external_id="O-1", refund=refund, at=noon, actor="t")
    take(order(noon, external_id="O-2"), noon)
    back = IncomingChargeback(external_id="CB", charged_back_at=noon)
    charge_back_order(external_id="O-2", chargeback=back, at=noon, actor="t")
    reverse_chargeback(external_id="O-2", chargeback_id="CB", reversed_at=noon, at=noon, actor="t")
    take(order(noon, external_id="O-3"), noon)
    watch_budgets(at=noon, day=noon.date())
    tell_expiring(calendar=get_program().calendar, notice_days=[30], at=noon + timedelta(days=1))
    happen_to_members(mei, noon)
    told = list(OutboxEvent.objects.values_list("topic", flat=True))
    outbox.relay(at=noon)
    deliver(noon)

    seen = set()
    for request in receiver.requests:
        body = json.loads(request.body)
        jsonschema_rs.validate(schemas[body["type"]], body)
        # Strictly: nothing is told that is not promised.
        fields = msgspec.structs.fields(EVENTS[body["type"]].data)
        assert set(body["data"]) == {field.encode_name for field in fields}
        seen.add(body["type"])
    assert seen == set(EVENTS)
    assert len(receiver.requests) == len(told)


def happen_to_members(mei, noon):
    """A profile is completed, points are given away, two records are one, somebody is erased."""
    from points.flows.member_erased import erase_member
    from points.flows.members_merged import merge_members
    from points.flows.points_transferred import transfer_points
    from points.members.actions import change_member
    from points.program.actions import change_program

    change_member(member_id=mei.pk, changes={"birthday": date(1990, 1, 1)}, at=noon)
    change_program(changes={"transfers": {"enabled": True}}, at=noon)
    tao, ann, lin = (join_member(external_id=name, at=noon) for name in ("tao", "ann", "lin"))
    transfer_points(
        sender=mei.pk, receiver=tao.pk, points=5, transfer_id=new_id(), at=noon, actor="t"
    )
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    erase_member(member_id=lin.pk, forfeit=False, at=noon, actor="t")


def test_a_body_is_the_same_whatever_order_the_fields_come_in():
    data = {"b": 1, "a": {"d": 2}}
    twisted = dict(reversed(data.items()))
    bodies = {write_body(topic="points.spent", occurred_at=AT, data=one) for one in (data, twisted)}
    assert len(bodies) == 1


def test_sealed_texts_open_under_old_keys_and_for_their_purpose_only(settings):
    settings.SEALING_KEYS = ["a" * 40]
    sealed = seal("whsec_1", purpose="webhook secret")
    assert "whsec_1" not in sealed
    settings.SEALING_KEYS = ["b" * 40, "a" * 40]
    assert unseal(sealed, purpose="webhook secret") == "whsec_1"
    for keys, purpose in ((["b" * 40], "webhook secret"), (["a" * 40], "another")):
        settings.SEALING_KEYS = keys
        with pytest.raises(SealBroken):
            unseal(sealed, purpose=purpose)


def test_without_keys_of_their_own_secrets_are_sealed_under_the_secret_key(settings):
    settings.SEALING_KEYS = []
    sealed = seal("x", purpose="p")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    assert unseal(sealed, purpose="p") == "x"


def test_a_secret_that_cannot_be_opened_is_a_failed_try(endpoint, receiver, settings):
    from tests.webhooks.conftest import rows, tell

    tell("mei")
    settings.SEALING_KEYS = ["z" * 40]
    assert deliver() == 1
    assert (rows()[0].status, rows()[0].error) == ("pending", "secret")
    assert receiver.requests == []
