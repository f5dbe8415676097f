"""Paying by Stripe, over real HTTP against the stand-in: what was asked once happens once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from points.shop.payments.errors import (
    AmountNotChargeable,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import LineToPay, PaymentToBegin
from points.shop.payments.stripe import get_stripe


@pytest.fixture
def account(stripe_control):
    return stripe_control.add_account()


@pytest.fixture
def stripe(account):
    return get_stripe()


def asking(account: str, **changes) -> PaymentToBegin:
    fields = {
        "payment_id": uuid.uuid4(), "number": "S-1001", "currency": "USD", "amount_cents": 2500,
        "lines": (LineToPay("Blue vinyl", 2, 2000), LineToPay("Shipping", 1, 500)),
        "success_url": "http://red.localhost:8301/orders/1?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://red.localhost:8301/cart", "email": "mei@example.com",
        "expires_at": datetime.now(UTC) + timedelta(minutes=45), "locale": "zh-hans",
        "account": account, "merchant": "m-1",
    }  # fmt: skip
    return PaymentToBegin(**fields | changes)


def session_of(control, begun) -> dict:
    """The session as the stand-in has it."""
    account = control.stand_in.store.account_of(begun.provider_id)
    return control.stand_in.store.find("checkout.session", begun.provider_id, account)


def count(control, kind: str, account: str) -> int:
    return len(control.stand_in.store.select(kind, account))


def test_a_page_is_opened_with_the_lines_and_the_exact_sum(stripe, stripe_control, account):
    asked = asking(account)
    begun = stripe.begin(asked)
    assert begun.url.startswith(stripe_control.url)
    assert begun.expires_at == asked.expires_at.replace(microsecond=0)
    session = session_of(stripe_control, begun)
    assert [(one["description"], one["quantity"], one["amount_total"]) for one in session["_lines"]] == [
        ("Blue vinyl", 2, 2000), ("Shipping", 1, 500),
    ]  # fmt: skip
    assert (session["amount_total"], session["locale"]) == (2500, "zh")
    assert session["customer_email"] == "mei@example.com"
    payment = stripe.read(begun.provider_id, account)
    assert (payment.status, payment.paid_cents, payment.url) == ("open", 0, begun.url)


def test_the_same_payment_begun_again_is_the_same_page(stripe, stripe_control, account):
    asked = asking(account)
    first = stripe.begin(asked)
    assert stripe.begin(asked) == first
    assert count(stripe_control, "checkout.session", account) == 1
    # Deadlines that Stripe does not take are left out, and still one page comes of two calls.
    short = asking(account, expires_at=datetime.now(UTC) + timedelta(minutes=10))
    begun = stripe.begin(short)
    assert begun == stripe.begin(short)
    assert begun.expires_at > datetime.now(UTC) + timedelta(hours=23)
    assert count(stripe_control, "checkout.session", account) == 2


def test_other_contents_under_the_same_payment_are_refused(stripe, account):
    asked = asking(account)
    stripe.begin(asked)
    with pytest.raises(PaymentProviderRefused) as refused:
        stripe.begin(asking(account, payment_id=asked.payment_id, amount_cents=2400))
    assert refused.value.facts["provider_code"] == "idempotency_error"


def test_64_threads_that_begin_one_payment_open_one_page(stripe, stripe_control, account):
    asked = asking(account)

    def begin(_):
        for _try in range(20):
            try:
                return stripe.begin(asked).provider_id
            except PaymentProviderUnavailable:
                continue
        return None

    with ThreadPoolExecutor(64) as pool:
        keys = set(pool.map(begin, range(64)))
    assert len(keys) == 1 and None not in keys
    assert count(stripe_control, "checkout.session", account) == 1


def test_lines_that_do_not_sum_to_the_total_become_one(stripe, stripe_control, account):
    """A coupon lies between the lines and the sum: what is charged is the sum."""
    session = session_of(stripe_control, stripe.begin(asking(account, amount_cents=1999)))
    assert [(one["description"], one["amount_total"]) for one in session["_lines"]] == [
        ("S-1001", 1999)
    ]


def test_pieces_that_do_not_come_out_even_are_one_piece(stripe, stripe_control, account):
    lines = (LineToPay("Tea", 3, 1000),)
    session = session_of(
        stripe_control, stripe.begin(asking(account, lines=lines, amount_cents=1000))
    )
    (line,) = session["_lines"]
    assert (line["description"], line["quantity"], line["amount_total"]) == ("Tea × 3", 1, 1000)


@pytest.mark.parametrize(
    ("currency", "cents", "charged"),
    [("JPY", 1999, 1999), ("KWD", 1250, 1250), ("ISK", 500, 50_000), ("UGX", 7, 700),
     ("MGA", 2500, 25), ("CNY", 1, 1)],
)  # fmt: skip
def test_smallest_units_are_those_stripe_counts_in(
    stripe, stripe_control, account, currency, cents, charged
):
    begun = stripe.begin(asking(account, currency=currency, amount_cents=cents, lines=()))
    assert session_of(stripe_control, begun)["amount_total"] == charged
    stripe_control.post(f"checkout/{begun.provider_id}/pay")
    payment = stripe.read(begun.provider_id, account)
    assert (payment.paid_cents, payment.currency) == (cents, currency)


@pytest.mark.parametrize(("currency", "cents"), [("KWD", 1255), ("MGA", 2550)])
def test_a_sum_that_cannot_be_charged_exactly_is_refused(
    stripe, stripe_control, account, currency, cents
):
    with pytest.raises(AmountNotChargeable):
        stripe.begin(asking(account, currency=currency, amount_cents=cents))
    assert count(stripe_control, "checkout.session", account) == 0


def test_paid_declined_and_in_between(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{begun.provider_id}/pay", card="4000000000000002")
    assert stripe.read(begun.provider_id, account).status == "open"
    stripe_control.post(f"checkout/{begun.provider_id}/pay")
    paid = stripe.read(begun.provider_id, account)
    assert (paid.status, paid.paid_cents, paid.currency, paid.url) == ("paid", 2500, "USD", None)
    assert abs(paid.paid_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert (paid.refunds, paid.disputed_cents) == ((), 0)


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "paid"), ("failed", "closed")])
def test_a_debit_is_open_until_the_bank_has_spoken(
    stripe, stripe_control, account, outcome, status
):
    begun = stripe.begin(asking(account))
    debit = "DE89370400440532013000"
    intent = stripe_control.post(f"checkout/{begun.provider_id}/pay", card=debit)["payment_intent"]
    assert stripe.read(begun.provider_id, account).status == "open"
    assert stripe.close(begun.provider_id, account).status == "open"
    stripe_control.post(f"payment_intents/{intent}/settle", outcome=outcome)
    assert stripe.read(begun.provider_id, account).status == status


def test_closing_ends_the_page_or_tells_that_it_was_paid(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))
    closed = stripe.close(begun.provider_id, account)
    assert (closed.status, closed.url) == ("closed", None)
    assert stripe.close(begun.provider_id, account) == closed
    paid = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{paid.provider_id}/pay")
    assert stripe.close(paid.provider_id, account).status == "paid"


def test_refunds_in_parts_each_once_and_never_more_than_was_paid(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))

    def refund(cents: int, reference: str):
        return stripe.refund(
            provider_id=begun.provider_id, account=account, amount_cents=cents, reference=reference
        )

    with pytest.raises(PaymentProviderRefused, match="not_paid"):
        refund(100, "r-1")
    stripe_control.post(f"checkout/{begun.provider_id}/pay")
    first = refund(1000, "r-1")
    assert (first.status, first.amount_cents, first.reference) == ("succeeded", 1000, "r-1")
    assert refund(1000, "r-1") == first
    with pytest.raises(PaymentProviderRefused) as other:
        refund(999, "r-1")
    assert other.value.facts["provider_code"] == "reference_reused"
    with pytest.raises(PaymentProviderRefused):
        refund(1501, "r-2")
    assert refund(1500, "r-3").status == "succeeded"
    with pytest.raises(PaymentProviderRefused) as over:
        refund(1, "r-4")
    assert over.value.facts["provider_code"] == "charge_already_refunded"
    refunds = stripe.read(begun.provider_id, account).refunds
    assert sorted((one.reference, one.amount_cents) for one in refunds) == [
        ("r-1", 1000),
        ("r-3", 1500),
    ]


def test_64_threads_that_refund_one_reference_send_the_money_once(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{begun.provider_id}/pay")

    def refund(_):
        for _try in range(20):
            try:
                return stripe.refund(
                    provider_id=begun.provider_id, account=account, amount_cents=700, reference="r"
                ).provider_id
            except PaymentProviderUnavailable:
                continue
        return None

    with ThreadPoolExecutor(64) as pool:
        keys = set(pool.map(refund, range(64)))
    assert len(keys) == 1 and None not in keys
    assert count(stripe_control, "refund", account) == 1


def test_more_refunds_than_one_page_shows_are_all_told(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{begun.provider_id}/pay")
    for n in range(12):
        stripe.refund(
            provider_id=begun.provider_id, account=account, amount_cents=1, reference=f"r{n}"
        )
    assert len(stripe.read(begun.provider_id, account).refunds) == 12


@pytest.mark.parametrize(
    ("card", "at_first", "told", "in_the_end"),
    [("4000000000007726", "pending", "succeeded", "succeeded"),
     ("4000000000005126", "succeeded", "failed", "failed")],
)  # fmt: skip
def test_a_refund_may_take_its_time_or_come_back(
    stripe, stripe_control, account, card, at_first, told, in_the_end
):
    begun = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{begun.provider_id}/pay", card=card)
    made = stripe.refund(
        provider_id=begun.provider_id, account=account, amount_cents=2500, reference="r"
    )
    assert made.status == at_first
    stripe_control.post(f"refunds/{made.provider_id}/settle", status=told)
    (known,) = stripe.read(begun.provider_id, account).refunds
    assert known.status == in_the_end
    assert bool(known.reason) == (in_the_end == "failed")


def test_a_dispute_counts_until_it_is_won(stripe, stripe_control, account):
    begun = stripe.begin(asking(account))
    stripe_control.post(f"checkout/{begun.provider_id}/pay", card="4000000000000259")
    assert stripe.read(begun.provider_id, account).disputed_cents == 2500
    (dispute,) = stripe_control.stand_in.store.select("dispute", account)
    found = stripe.find_payment_id(dispute["payment_intent"], account)
    assert str(found) == session_of(stripe_control, begun)["client_reference_id"]
    stripe_control.post(f"disputes/{dispute['id']}/close", status="won")
    assert stripe.read(begun.provider_id, account).disputed_cents == 0


def test_an_answer_that_was_lost_is_given_again(stripe, stripe_control, account):
    stripe_control.post("faults", path="/v1/checkout/sessions", mode="lost")
    begun = stripe.begin(asking(account))
    assert count(stripe_control, "checkout.session", account) == 1
    stripe_control.post(f"checkout/{begun.provider_id}/pay")
    stripe_control.post("faults", path="/v1/refunds", mode="lost")
    stripe.refund(provider_id=begun.provider_id, account=account, amount_cents=5, reference="r")
    assert count(stripe_control, "refund", account) == 1


def test_a_provider_that_fails_on_and_on_is_said_to_be_away(stripe, stripe_control, account):
    stripe_control.post("faults", path="/v1/checkout/sessions", mode="error", status=503, times=9)
    with pytest.raises(PaymentProviderUnavailable):
        stripe.begin(asking(account))
    assert count(stripe_control, "checkout.session", account) == 0


def test_nobody_at_the_address(settings):
    settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = "sk_test_x", "http://127.0.0.1:9"
    with pytest.raises(PaymentProviderUnavailable):
        get_stripe().read("cs_test_x", "acct_x")
    settings.STRIPE_API_KEY = ""
    with pytest.raises(PaymentsNotSetUp):
        get_stripe()


def test_another_account_s_payment_and_a_released_account_are_refused(
    stripe, stripe_control, account
):
    other = stripe_control.add_account()
    begun = stripe.begin(asking(account))
    with pytest.raises(PaymentProviderRefused) as refused:
        stripe.read(begun.provider_id, other)
    assert refused.value.facts["provider_code"] == "resource_missing"
    with pytest.raises(PaymentProviderRefused) as refused:
        stripe.read(begun.provider_id, "acct_nobody")
    assert refused.value.facts["provider_code"] == "account_invalid"


def test_an_account_that_cannot_charge_yet_opens_no_page(stripe, stripe_control):
    new = stripe_control.add_account(is_ready=False)
    with pytest.raises(PaymentProviderRefused):
        stripe.begin(asking(new))
