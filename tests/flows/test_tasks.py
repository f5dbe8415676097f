"""Background work: each merchant gets its turn, and one that fails stops no other."""

from datetime import UTC, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context
from kombu.exceptions import OperationalError

from kernel import outbox
from kernel.db import connection
from kernel.models import IdempotencyRecord, OutboxEvent
from points.flows import tasks
from points.flows.member_joined import join_member
from points.ledger.models import Transaction
from points.members.models import MemberSession, SignInCode
from points.webhooks.actions import add_endpoint, change_endpoint
from points.webhooks.models import WebhookDelivery
from tests.flows.test_orders import order, take
from tests.webhooks.receiver import receiving

NOW = datetime.now(UTC)


def test_due_jobs_book_what_expired_and_settle_the_outbox(mei, shop):
    long_ago = NOW - timedelta(days=800)
    take(order(long_ago), long_ago)

    tasks.run_due_jobs_everywhere.run()

    with tenant_context(shop):
        assert Transaction.objects.filter(kind="expire", amount=-110).count() == 1
        assert not OutboxEvent.objects.filter(delivered_at__isnull=True).exists()


def test_a_merchant_whose_work_fails_stops_no_other(mei, shop, toys, monkeypatch):
    seen = []

    def work(merchant):
        seen.append(merchant.slug)
        raise RuntimeError("out of order")

    assert tasks._at_each_merchant(work) == 0
    assert {"tea", "toys"} <= set(seen)


def test_a_finding_is_an_error_in_the_log(mei, shop, caplog):
    take(order(NOW), NOW)
    with tenant_context(shop):
        mei.refresh_from_db()
        from points.ledger.models import Wallet

        Wallet.objects.filter(member_id=mei.pk).update(available=111)

    tasks.prove_books_everywhere.run()

    assert "a wallet equals its postings" in caplog.text


@pytest.mark.parametrize(("age_days", "kept"), [(29, True), (31, False)])
def test_old_answers_are_forgotten(shop, age_days, kept):
    with tenant_context(shop):
        IdempotencyRecord.objects.create(
            scope="s", key="k", body_hash=b"", created_at=NOW - timedelta(days=age_days)
        )
    tasks.forget_old_records_everywhere.run()
    with tenant_context(shop):
        assert IdempotencyRecord.objects.filter(key="k").exists() is kept


def test_sign_in_codes_and_sessions_that_ran_out_are_forgotten(mei, shop, toys):
    """In every merchant's schema; a code is kept for a day, so that its pause still counts."""
    for merchant in (shop, toys):
        with tenant_context(merchant):
            member = join_member(external_id="lin", at=NOW)
            for name, hours in (("open", 1), ("just out", -1), ("long out", -25)):
                until = NOW + timedelta(hours=hours)
                SignInCode.objects.create(
                    address=name, code_hash=b"", created_at=NOW, expires_at=until
                )
                MemberSession.objects.create(
                    token_hash=name.encode(), member=member, created_at=NOW, expires_at=until
                )

    tasks.forget_old_records_everywhere.run()

    for merchant in (shop, toys):
        with tenant_context(merchant):
            codes = SignInCode.objects.values_list("address", flat=True)
            assert sorted(codes) == ["just out", "open"]
            assert [bytes(s.token_hash) for s in MemberSession.objects.all()] == [b"open"]


def test_who_has_webhooks_does_not_wait_for_the_sweep(mei, shop, toys, monkeypatch):
    """The sweep remembers who listens; between two sweeps only they are looked at."""
    sent_at = []
    monkeypatch.setattr(tasks, "send_webhooks", lambda: sent_at.append(connection.tenant.slug))
    assert tasks.tell_listeners.run() == 0
    with tenant_context(shop):
        made, _ = add_endpoint(url="https://127.0.0.1/", topics=["*"], at=NOW)
        take(order(NOW), NOW)
    tasks.run_due_jobs_everywhere.run()
    assert sent_at == ["tea"]

    with tenant_context(shop):
        WebhookDelivery.objects.all().delete()
        take(order(NOW, external_id="O-2"), NOW)
    assert tasks.tell_listeners.run() == 1
    assert sent_at == ["tea", "tea"]
    with tenant_context(shop):
        assert WebhookDelivery.objects.count() == 1
        change_endpoint(endpoint_id=made.pk, changes={"status": "disabled"})
    assert tasks.tell_listeners.run() == 1
    assert sent_at == ["tea", "tea"]
    tasks.run_due_jobs_everywhere.run()
    assert tasks.tell_listeners.run() == 0


def test_without_a_broker_webhooks_wait_for_the_next_sweep(mei, shop, monkeypatch, caplog):
    def away(**options):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.deliver_webhooks_of_merchant, "apply_async", away)
    with tenant_context(shop):
        tasks.send_webhooks()
    assert "wait for the next sweep" in caplog.text


def test_deliveries_are_sent_in_their_merchant_s_schema_and_forgotten_after_thirty_days(mei, shop):
    with receiving() as receiver, tenant_context(shop):
        add_endpoint(url=receiver.url, topics=["*"], at=NOW)
        take(order(NOW), NOW)
        outbox.relay(at=NOW)
        assert tasks.deliver_webhooks_of_merchant.run() == 1
        assert len(receiver.requests) == 1
        WebhookDelivery.objects.update(created_at=NOW - timedelta(days=31))
    tasks.forget_old_records_everywhere.run()
    with tenant_context(shop):
        assert not WebhookDelivery.objects.exists()
