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
    happen_to_coupons(mei, noon)
    happen_to_cash(mei, noon)
    happen_to_shop(mei, noon)
    run_low(mei, noon)
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


def happen_to_cash(mei, noon):
    """Cash comes, is spent, is taken back and restored; three withdrawals end in three ways."""
    from points.cash import withdrawals
    from points.cash.actions import Gift, give
    from points.cash.payouts import PayoutState
    from points.ledger import clawing
    from points.program.actions import change_program

    source = new_id()
    give(gifts=[Gift(member=mei.pk, cents=900, source="t", source_id=source)], at=noon, actor="t")
    ledger.spend(member=mei.pk, points=100, unit="cash", key="cash", at=noon, actor="t")
    back = clawing.claw_back(
        member=mei.pk, points=50, origin_id=source, key="cash:back", unit="cash", at=noon,
        actor="t", from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip
    clawing.undo_clawback(transaction_id=back.transaction_id, key="cash:won", at=noon, actor="t")
    for end in ("paid", "failed", "rejected"):
        payout = "wechat" if end == "failed" else "manual"
        change_program(changes={"cash": {"enabled": True, "payout": payout}}, at=noon)
        row = withdrawals.request_withdrawal(
            member_id=mei.pk, cents=100, payee_name="Mei", payee_account="62", at=noon, actor="m"
        )
        boss = {"withdrawal_id": row.pk, "at": noon, "actor": "boss"}
        if end == "rejected":
            withdrawals.reject_withdrawal(**boss)
            continue
        withdrawals.approve_withdrawal(**boss)
        if end == "paid":
            withdrawals.mark_paid(reference="B-1", **boss)
            continue
        withdrawals.claim_payouts(at=noon, most=1)
        state = PayoutState(outcome="failed", reason="NAME_NOT_CORRECT")
        withdrawals.note_state(withdrawal_id=row.pk, state=state, at=noon)


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
    happen_by_invitation(mei, noon)


def happen_by_invitation(mei, noon):
    """A guest of a distributor orders, keeps it, and sends it back when all is paid."""
    from points.flows.commission import settle_due
    from points.flows.referral_claimed import join_by_code
    from points.flows.referral_rewarded import reward_due
    from points.program.actions import change_program
    from points.referral import distributors
    from points.referral.actions import ensure_code
    from tests.referral.conftest import order, refund

    rules = {"referral": {"is_on": True}, "distribution": {"is_on": True}}
    change_program(changes=rules, at=noon)
    distributors.admit(member_id=mei.pk, parent_id=None, at=noon, actor_name="t")
    guest = join_member(external_id="guest", at=noon)
    join_by_code(member_id=guest.pk, code=ensure_code(member=mei), source="sign_up", at=noon)
    order("O-guest", guest, noon)
    later = noon + timedelta(days=30)
    reward_due(at=later)
    settle_due(at=later)
    refund("R-guest", "O-guest", later, cents=10_000)


def happen_to_shop(mei, noon):
    """One order is given up; one goes its way, and two wishes to give it back are answered."""
    from points.flows.checkout import CheckoutAsk, Wanted, place_order
    from points.flows.shop_moved import cancel_order, receive_order, ship_order
    from points.flows.shop_refunded import approve_refund, reject_refund, request_refund
    from points.shop.actions import create_product
    from tests.support.shop_orders import HOME, paid_order

    cup = {"sku": "CUP", "price_cents": 900}
    made = create_product(fields={"title_en": "Cup", "status": "on_sale"}, variants=[cup], at=noon)
    variant, said = made.variants.get().pk, {"at": noon, "actor": "t"}
    given_up = place_order(
        member_id=mei.pk, asked=CheckoutAsk(lines=(Wanted(variant, 1),)),
        expected_payable_cents=900, address=HOME, note="", **said,
    )  # fmt: skip
    cancel_order(order_id=given_up.pk, reason="buyer", **said)
    ids = paid_order(member=mei.pk, variant=variant, at=noon)
    ship_order(order_id=ids["order_id"], carrier="", tracking="", **said)
    receive_order(order_id=ids["order_id"], **said)
    reject_refund(refund_id=ids["refund_id"], note="no", **said)
    again = request_refund(
        order_id=ids["order_id"], member_id=mei.pk, pieces={1: 1}, reason="", **said
    )
    approve_refund(
        refund_id=again.pk, pieces=None, shipping_cents=None, is_restocked=True, note="",
        now=noon, **said,
    )  # fmt: skip


def run_low(mei, noon):
    """The last but five of a product are counted, and of an item of the mall."""
    from points.redemption.actions import create_item, redeem
    from points.shop.actions import create_product, set_stock

    tin = {"sku": "TIN", "price_cents": 900, "stock": 9, "low_stock_at": 5}
    made = create_product(fields={"title_en": "Tin"}, variants=[tin], at=noon)
    set_stock(variant_id=made.variants.get().pk, stock=5, at=noon)
    mug = {"kind": "goods", "title_en": "Mug", "price_points": 1, "stock": 6, "low_stock_at": 5}
    item = create_item(fields=mug, at=noon)
    redeem(member_id=mei.pk, item_id=item.pk, quantity=1, at=noon, actor="t")


def happen_to_coupons(mei, noon):
    """One is used and comes back, one is taken back, one expires."""
    from points.coupons.actions import give_back, sweep, use, void
    from tests.coupons.conftest import give, template

    template(valid_days=1)
    used, gone, _ = (give(mei, key=key, at=noon) for key in "abc")
    said = {"codes": [used.code], "reference": "O-1", "at": noon, "actor": "t"}
    use(discounts={used.code: 2_000}, **said)
    give_back(**said)
    void(codes=[gone.code], at=noon, actor="t")
    sweep(at=noon + timedelta(days=2))


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
