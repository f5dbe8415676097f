"""Every write of members' addresses."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kernel.db import connection
from points.members.actions import lock_member
from points.shop.calculations import MOST_ADDRESSES
from points.shop.errors import AddressNotFound, TooManyAddresses
from points.shop.models import Address


@transaction.atomic
def add_address(*, member_id: uuid.UUID, fields: Mapping[str, Any], at: datetime) -> Address:
    """Keep an address; the first is the default, as is one that says so.

    Raises TooManyAddresses, members.NotFound.
    """
    # The member's row stands for addresses that are not there yet.
    lock_member(member_id=member_id)
    mine = Address.objects.filter(member_id=member_id)
    count = mine.count()
    if count >= MOST_ADDRESSES:
        raise TooManyAddresses(limit=MOST_ADDRESSES)
    row = Address(member_id=member_id, created_at=at, **fields)
    row.is_default = row.is_default or count == 0
    if row.is_default:
        mine.filter(is_default=True).update(is_default=False)
    row.save(force_insert=True)
    return row


@transaction.atomic
def change_address(
    *, member_id: uuid.UUID, address_id: uuid.UUID, changes: Mapping[str, Any]
) -> Address:
    """Change what is named. A default stays one until another takes its place.

    Raises AddressNotFound, members.NotFound.
    """
    lock_member(member_id=member_id)
    row = _own(member_id, address_id)
    is_new_default = bool(changes.get("is_default")) and not row.is_default
    if is_new_default:
        Address.objects.filter(member_id=member_id, is_default=True).update(is_default=False)
    for name, value in changes.items():
        if name != "is_default":
            setattr(row, name, value)
    row.is_default = row.is_default or is_new_default
    row.save(update_fields=[*changes])
    return row


@transaction.atomic
def remove_address(*, member_id: uuid.UUID, address_id: uuid.UUID) -> None:
    """Forget an address; after the default the newest is it. Raises AddressNotFound."""
    lock_member(member_id=member_id)
    row = _own(member_id, address_id)
    row.delete()
    if row.is_default:
        newest = Address.objects.filter(member_id=member_id).order_by("-pk").first()
        if newest is not None:
            newest.is_default = True
            newest.save(update_fields=["is_default"])


def unite_addresses(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Two members became one: addresses of both, the survivor's default. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update shop_address set is_default = false where member_id = %(loser)s and exists"
            " (select 1 from shop_address where member_id = %(survivor)s and is_default);"
            " update shop_address set member_id = %(survivor)s where member_id = %(loser)s",
            {"loser": loser, "survivor": survivor},
        )


def _own(member_id: uuid.UUID, address_id: uuid.UUID) -> Address:
    row = Address.objects.filter(pk=address_id, member_id=member_id).first()
    if row is None:
        raise AddressNotFound()
    return row
