"""Who bore which part of an order's price that points paid (rules.md §6, settlement of offsets).

The points that paid were drawn from lots, and each lot has its payer. The money they stood for is
split over the payers by their points, by largest remainder in the order of the payers, when the order
is written; what returns of it is floored cumulatively for each, so that a full return gives back
exactly what each bore.
"""

from collections.abc import Mapping

from kernel.money import split_by_largest_remainder
from points.ledger.queries import drawn_by_payer
from points.orders.models import Order, Refund

# {"funding_source": code, "points": …, "cents": …}
Share = dict[str, str | int]


def borne_by(*, transaction_id: int, cents: int) -> list[Share]:
    """The payers of a capture and what each bears of `cents`. One query."""
    drawn = drawn_by_payer(transaction_id=transaction_id)
    split = split_by_largest_remainder(cents, [points for _, points in drawn])
    return [
        {"funding_source": code, "points": points, "cents": part}
        for (code, points), part in zip(drawn, split, strict=True)
    ]


def returned_to(order: Order, *, transaction_id: int) -> list[Share]:
    """What a return of points that paid an order gives back to each payer. Two queries."""
    borne = {str(share["funding_source"]): share for share in order.offset_shares or []}
    before = _returned_before(order)
    shares: list[Share] = []
    for code, points in drawn_by_payer(transaction_id=transaction_id):
        share = borne.get(code)
        if share is None:
            continue
        had, gone = before.get(code, (0, 0))
        # A dispute that was lost, won and refunded may return more than this payer ever bore.
        so_far = min(had + points, int(share["points"]))
        cents = int(share["cents"]) * so_far // int(share["points"]) - gone
        shares.append({"funding_source": code, "points": points, "cents": cents})
    return shares


def _returned_before(order: Order) -> Mapping[str, tuple[int, int]]:
    """Payer → (points, cents) that returned in earlier refunds."""
    found: dict[str, tuple[int, int]] = {}
    rows = Refund.objects.filter(order=order).values_list("offset_shares", flat=True)
    for share in (share for shares in rows for share in shares or []):
        points, cents = found.get(str(share["funding_source"]), (0, 0))
        found[str(share["funding_source"])] = (
            points + int(share["points"]), cents + int(share["cents"]),
        )  # fmt: skip
    return found
