"""From a reserved address to a shop that answers, in steps that can be killed and run again.

Each step first looks whether it is done, then does it in one transaction, then notes it on the
merchant's row. What goes into the schema (programme, template) is the business of `points`; it is
called by the dotted name in `settings.PROVISIONING_CONTENT`, so that this app need not know it.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.utils.module_loading import import_string
from django_tenants.utils import tenant_context

from kernel.db import connection
from tenants import hosts, schemas
from tenants.calculations import RESERVED_SLUGS, SLUG, new_schema_name
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken
from tenants.models import Domain, Membership, Merchant, Role, SpareSchema

log = logging.getLogger(__name__)
SPARES_KEPT = 2


def check_slug(*, slug: str) -> None:
    """Raises SlugInvalid, SlugReserved or SlugTaken unless the address can be had."""
    if not SLUG.match(slug):
        raise SlugInvalid(slug=slug[:60])
    if slug in RESERVED_SLUGS or re.match(r"^xn--", slug):
        raise SlugReserved(slug=slug)
    if Merchant.objects.filter(slug=slug).exists():
        raise SlugTaken(slug=slug)


def provision(*, merchant: Merchant) -> Merchant:
    """Run the steps that are still to do. Raises what a step raises; the row says where it stopped.

    Two workers at the same merchant: the second waits for the first and finds it done.
    """
    connection.set_schema_to_public()
    with _alone_with(merchant):
        merchant.refresh_from_db()
        if merchant.status == Merchant.Status.READY:
            return merchant
        merchant.status = Merchant.Status.PROVISIONING
        merchant.attempts += 1
        merchant.save()
        _take_steps(merchant)
    return merchant


def _take_steps(merchant: Merchant) -> None:
    for step, perform in _STEPS:
        if _position(merchant.step) >= _position(step):
            continue
        try:
            perform(merchant)
        except Exception as error:
            Merchant.objects.filter(pk=merchant.pk).update(
                status=Merchant.Status.FAILED, failure=f"{step}: {type(error).__name__}"
            )
            raise
        merchant.step = step
        merchant.save()


def progress_percent(merchant: Merchant) -> int:
    """How much of the way is done, 0–100."""
    return round(100 * _position(merchant.step) / (len(Merchant.Step.values) - 1))


def keep_spares() -> int:
    """Make ready schemas up to `SPARES_KEPT`; returns how many were made."""
    connection.set_schema_to_public()
    made = 0
    while SpareSchema.objects.filter(graph_hash=schemas.graph_hash()).count() < SPARES_KEPT:
        name = new_schema_name()
        SpareSchema.objects.create(schema_name=name, graph_hash=schemas.create_schema(name))
        made += 1
    return made


def _make_schema(merchant: Merchant) -> None:
    """Take a spare schema, or make one under the merchant's own name."""
    with transaction.atomic():
        spare = (
            SpareSchema.objects.select_for_update(skip_locked=True)
            .filter(graph_hash=schemas.graph_hash())
            .first()
        )
        if spare is not None:
            merchant.schema_name, merchant.graph_hash = spare.schema_name, spare.graph_hash
            merchant.step = Merchant.Step.SCHEMA
            merchant.save()
            spare.delete()
            return
    merchant.graph_hash = schemas.create_schema(merchant.schema_name)


def _fill_schema(merchant: Merchant) -> None:
    fill: Callable[..., None] = import_string(settings.PROVISIONING_CONTENT)
    with tenant_context(merchant), transaction.atomic():
        fill(
            template=merchant.template,
            currency=merchant.currency,
            locale=merchant.locale,
            at=datetime.now(UTC),
        )


def _join_owner(merchant: Merchant) -> None:
    if merchant.owner_user_id is not None:
        Membership.objects.get_or_create(
            merchant=merchant, user_id=merchant.owner_user_id, defaults={"role": Role.OWNER}
        )


def _open_address(merchant: Merchant) -> None:
    host = hosts.storefront_host(merchant.slug)
    Domain.objects.get_or_create(domain=host, defaults={"tenant": merchant, "is_primary": True})


def _open_doors(merchant: Merchant) -> None:
    merchant.status = Merchant.Status.READY
    merchant.failure = ""
    merchant.ready_at = datetime.now(UTC)


_STEPS: tuple[tuple[str, Callable[[Merchant], None]], ...] = (
    (Merchant.Step.SCHEMA, _make_schema),
    (Merchant.Step.CONTENT, _fill_schema),
    (Merchant.Step.OWNER, _join_owner),
    (Merchant.Step.ADDRESS, _open_address),
    (Merchant.Step.READY, _open_doors),
)


def _position(step: str) -> int:
    return list(Merchant.Step.values).index(step)


@contextmanager
def _alone_with(merchant: Merchant) -> Iterator[None]:
    """One worker at a time at a merchant, through all its steps and their transactions.

    A lock of the session: it goes with the connection of a worker that was killed.
    """
    key = f"provision {merchant.pk}"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [key])
    try:
        yield
    finally:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [key])
