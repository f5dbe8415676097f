"""The books prove themselves: the ledger's invariants, and that orders, the mall and adjustments
agree with it."""

from points.flows import books_coupons, books_mall
from points.flows.books_cash import CASH
from points.flows.books_referral import REFERRAL
from points.flows.books_shop import SHOP
from points.flows.books_shop_orders import SHOP_ORDERS
from points.flows.member_data import HOLDINGS
from points.ledger.reconciliation import CHECKS, Finding, find_inconsistencies

# Each query answers (id of the offender, what is wrong with it).
ACROSS_APPS: dict[str, str] = {
    "an order earned what the ledger granted for it": """
        select o.id, format('%s against %s', o.points_earned, coalesce(sum(l.granted), 0))
          from orders_order o left join (
            select l.source_id, l.granted from ledger_lot l
              join ledger_wallet w on w.id = l.wallet_id and w.unit = 'points'
              join ledger_transaction t on t.id = l.transaction_id and t.kind <> 'transfer_in') l
            on l.source_id = o.id
         group by o.id having o.points_earned <> coalesce(sum(l.granted), 0)""",
    "the lines of an order sum to what it earned": """
        select o.id, format('%s against %s', o.points_earned, coalesce(sum(l.points), 0))
          from orders_order o left join orders_orderline l on l.order_id = o.id
         where o.granted_at is not null
         group by o.id having o.points_earned <> coalesce(sum(l.points), 0)""",
    "an order gave back what its refunds say": """
        select o.id, format('%s %s against %s %s', o.points_clawed_back, o.points_returned,
                            sum(r.points_clawed_back), sum(r.points_returned))
          from orders_order o join orders_refund r on r.order_id = o.id
         group by o.id having (o.points_clawed_back, o.points_returned)
               is distinct from (sum(r.points_clawed_back), sum(r.points_returned))""",
    "an executed adjustment moved its points once": """
        select a.id, format('%s by transaction %s', a.points, a.transaction_id)
          from adjustments_adjustment a
          left join ledger_transaction t
            on t.id = a.transaction_id and t.source_id = a.id and t.amount = a.points
         where a.status = 'executed' and t.id is null""",
    "a person's day counts what the person asked for": """
        select d.id, format('%s against %s', d.points, coalesce(sum(abs(a.points)), 0))
          from adjustments_staffday d left join adjustments_adjustment a
            on a.requested_by = d.actor and a.local_date = d.local_date and a.status <> 'rejected'
         group by d.id having d.points <> coalesce(sum(abs(a.points)), 0)""",
    "an item counts the redemptions it has": """
        select i.id, format('%s against %s', i.redeemed_count, coalesce(sum(r.quantity), 0))
          from redemption_mallitem i left join redemption_redemption r
            on r.item_id = i.id and r.status <> 'cancelled'
         group by i.id having i.redeemed_count <> coalesce(sum(r.quantity), 0)""",
    "a member is on the tier of the last move": """
        select m.member_id, format('%s against %s', m.tier_id, v.to_tier_id)
          from tiers_membertier m left join lateral (
            select to_tier_id from tiers_tiermove v where v.member_id = m.member_id
             order by v.id desc limit 1) v on true
         where m.tier_id is distinct from v.to_tier_id""",
    **books_coupons.CHECKS,
    **books_mall.CHECKS,
    **CASH,
    **REFERRAL,
}

ACROSS_APPS |= SHOP | SHOP_ORDERS

# Every row that named a merged member names the one who took over.
ACROSS_APPS["nobody who was merged is named any more"] = " union all ".join(
    f"select m.id, '{holding.table}' from {holding.table} h"
    " join members_member m on m.id = h.member_id where m.merged_into_id is not null"
    for holding in HOLDINGS
    if not holding.keeps_name
)


def check_books(*, limit: int = 20) -> list[Finding]:
    """Every broken invariant of the current merchant; an empty list means the books are right."""
    return find_inconsistencies(checks={**CHECKS, **ACROSS_APPS}, limit=limit)
