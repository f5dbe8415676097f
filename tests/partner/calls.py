"""Bodies these tests send, and what a refused call may not have touched."""

from django.db import connection
from django_tenants.utils import tenant_context

from tests.support.http import Http, partner_client

API = "/api/v1"
AT = "2026-03-01T12:00:00+08:00"
UNTOLD = {"channels_apikey", "kernel_idempotencyrecord", "django_migrations"}


def order_body(external_id="O-1", *cents, **more):
    """A completed order of Mei's; 110.10 in one line unless told otherwise."""
    lines = [
        {"external_id": str(i), "quantity": 1, "amount_cents": amount}
        for i, amount in enumerate(cents or (11_010,), 1)
    ]
    return {
        "external_id": external_id, "member_external_id": "mei", "currency": "CNY",
        "placed_at": AT, "completed_at": AT, "status": "completed", "lines": lines, **more,
    }  # fmt: skip


def refund_body(external_id, cents, *lines, **more):
    """A refund; `lines` are (line, cents)."""
    return {
        "external_id": external_id, "refunded_at": AT, "amount_cents": cents,
        **({"lines": [
            {"external_id": n, "quantity": 1, "amount_cents": c} for n, c in lines
        ]} if lines else {}), **more,
    }  # fmt: skip


def sent(answer, status=201):
    """The body of an answer that must have this status."""
    assert answer.status == status, answer
    return answer.json


def refusal(answer, status, code):
    """A problem, complete and in its shape; returns its facts."""
    assert (answer.status, answer.code) == (status, code), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json
    assert body["status"] == status and body["detail"] and body["request_id"]
    assert body["type"].endswith(code)
    return body["facts"]


def give(api, points, member="mei", reason="Welcome"):
    """An adjustment."""
    body = {"member_external_id": member, "points": points, "reason": reason}
    return sent(api.post(f"{API}/adjustments", body, idem="new"))


def item(api, **fields):
    """A mall item."""
    body = {"kind": "goods", "title": "Mug", "price_points": 80, **fields}
    return sent(api.post(f"{API}/mall-items", body))


def balance(api, member):
    """(available, pending, held, debt)."""
    points = sent(api.get(f"{API}/members/{member.pk}"), 200)["points"]
    return tuple(points[part] for part in ("available", "pending", "held", "debt"))


def contents(merchant):
    """A digest of every row of a merchant's schema, but for keys' last use and idempotency."""
    with tenant_context(merchant), connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = current_schema() order by 1"
        )
        tables = [row[0] for row in cursor.fetchall() if row[0] not in UNTOLD]
        cursor.execute(
            " union all ".join(
                f"select '{t}', count(*), md5(string_agg(x::text, '|' order by x::text)) from {t} x"
                for t in tables
            )
        )
        return sorted(cursor.fetchall())


class Inside(Http):
    """A caller that leaves the test in the schema it was in before the call."""

    def call(self, *args, **options):
        before = connection.tenant
        try:
            return super().call(*args, **options)
        finally:
            connection.set_tenant(before)


def caller(merchant, *scopes):
    """A caller with a new key of the merchant's."""
    made = partner_client(merchant, *scopes)
    return Inside(made.host, **made.headers)
