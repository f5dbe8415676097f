"""Every write of a member's cart."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from kernel.db import connection
from points.members.actions import lock_member
from points.shop.calculations import MOST_LINES, MOST_PIECES
from points.shop.errors import CartFull, VariantNotFound
from points.shop.models import CartLine, Product, Variant


@transaction.atomic
def put_line(
    *, member_id: uuid.UUID, variant_id: uuid.UUID, quantity: int, at: datetime
) -> CartLine:
    """So many of a variant are in the cart from now on (1 to 999); the same again changes nothing.

    The cart may hold more than there is: what is left is looked at when it is read and when it is
    paid. Raises VariantNotFound, CartFull, members.NotFound.
    """
    if not _buyable([variant_id]):
        raise VariantNotFound()
    # The member's row stands for the cart, whose lines may not be there yet.
    lock_member(member_id=member_id)
    lines = CartLine.objects.filter(member_id=member_id)
    line = lines.filter(variant_id=variant_id).first()
    if line is None:
        if lines.count() >= MOST_LINES:
            raise CartFull(limit=MOST_LINES)
        return CartLine.objects.create(
            member_id=member_id, variant_id=variant_id, quantity=quantity, added_at=at
        )
    line.quantity = quantity
    line.save(update_fields=["quantity"])
    return line


def remove_lines(*, member_id: uuid.UUID, variant_ids: list[uuid.UUID]) -> None:
    """Take variants out of a cart; what is not in it is not missed."""
    CartLine.objects.filter(member_id=member_id, variant_id__in=variant_ids).delete()


@transaction.atomic
def merge_cart(*, member_id: uuid.UUID, quantities: Mapping[uuid.UUID, int], at: datetime) -> None:
    """What a visitor gathered joins the cart of the member he turned out to be.

    Of a variant in both the larger number stays, so that the same merge twice is one. Variants that
    are gone are left out, and so is what would be more than the cart holds.
    """
    lock_member(member_id=member_id)
    mine = {one.variant_id: one for one in CartLine.objects.filter(member_id=member_id)}
    found = _buyable([*quantities])
    new = [one for one in quantities if one in found and one not in mine]
    CartLine.objects.bulk_create(
        CartLine(
            member_id=member_id, variant_id=one, added_at=at,
            quantity=min(quantities[one], MOST_PIECES),
        )
        for one in new[: max(0, MOST_LINES - len(mine))]
    )  # fmt: skip
    raised = [line for one, line in mine.items() if quantities.get(one, 0) > line.quantity]
    for line in raised:
        line.quantity = min(quantities[line.variant_id], MOST_PIECES)
    if raised:
        CartLine.objects.bulk_update(raised, ["quantity"])


def unite_carts(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Two members became one: both carts, the larger number of what is in both. Two statements.

    The flow that merges members holds both records.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into shop_cartline (member_id, variant_id, quantity, added_at)"
            " select %(survivor)s, variant_id, quantity, added_at from shop_cartline"
            "  where member_id = %(loser)s order by added_at desc, id desc"
            "  limit greatest(0, %(most)s -"
            "   (select count(*) from shop_cartline where member_id = %(survivor)s))"
            " on conflict (member_id, variant_id) do update"
            "  set quantity = greatest(shop_cartline.quantity, excluded.quantity);"
            " delete from shop_cartline where member_id = %(loser)s",
            {"loser": loser, "survivor": survivor, "most": MOST_LINES},
        )


def _buyable(variant_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Those that members may see; whether they are sold out or paused is told in the cart."""
    rows = Variant.objects.filter(pk__in=variant_ids).exclude(status=Variant.Status.RETIRED)
    return set(rows.exclude(product__status=Product.Status.DRAFT).values_list("pk", flat=True))
