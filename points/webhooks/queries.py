"""What is known of endpoints and deliveries."""

import uuid
from datetime import datetime

import msgspec

from kernel.db import connection
from points.webhooks.errors import DeliveryNotFound, EndpointNotFound
from points.webhooks.models import WebhookDelivery, WebhookEndpoint

RECENT = 100


class Health(msgspec.Struct, frozen=True):
    """How an endpoint does: all that wait, and what became of its latest `RECENT` deliveries."""

    pending: int = 0
    recent_delivered: int = 0
    recent_parked: int = 0


def get_endpoint(*, endpoint_id: uuid.UUID | None, lock: bool = False) -> WebhookEndpoint:
    """One endpoint. Raises EndpointNotFound."""
    rows = WebhookEndpoint.objects.all()
    if lock:
        rows = rows.select_for_update(no_key=True)
    found = rows.filter(pk=endpoint_id).first() if endpoint_id else None
    if found is None:
        raise EndpointNotFound()
    return found


def get_delivery(*, delivery_id: int | None, lock: bool = False) -> WebhookDelivery:
    """One delivery with its endpoint; locked the endpoint before the delivery, as everywhere.

    Raises DeliveryNotFound.
    """
    rows = WebhookDelivery.objects.select_related("endpoint")
    found = rows.filter(pk=delivery_id).first() if delivery_id is not None else None
    if found is None:
        raise DeliveryNotFound()
    if lock:
        found.endpoint = get_endpoint(endpoint_id=found.endpoint_id, lock=True)
        found.refresh_from_db(from_queryset=WebhookDelivery.objects.select_for_update(of=("self",)))
    return found


def get_health(*, endpoints: list[uuid.UUID]) -> dict[uuid.UUID, Health]:
    """Health by endpoint. One query; looks at no more than `RECENT` finished rows of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.id, (select count(*) from webhooks_webhookdelivery p"
            "               where p.endpoint_id = e.id and p.status = 'pending'),"
            "       count(*) filter (where r.status = 'delivered'),"
            "       count(*) filter (where r.status = 'parked')"
            "  from unnest(%s::uuid[]) as e(id) left join lateral ("
            "    select d.status from webhooks_webhookdelivery d where d.endpoint_id = e.id"
            "     order by d.id desc limit %s) as r on true group by e.id",
            [endpoints, RECENT],
        )
        return {row[0]: Health(*row[1:]) for row in cursor.fetchall()}


def look_around(*, at: datetime) -> tuple[bool, bool]:
    """Whether anybody listens here, and whether there is anything to send now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) > 0, coalesce(bool_or(exists (select 1 from webhooks_webhookdelivery d"
            "   where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at <= %s)),"
            " false) from webhooks_webhookendpoint e where e.status = 'enabled'",
            [at],
        )
        listens, is_due = cursor.fetchone()
        return listens, is_due
