"""What must hold of shop orders, beside the ledger and the catalogue: each query finds nothing."""

SHOP_ORDERS: dict[str, str] = {
    "a shop order is the sum of its lines": """
        select o.id, o.number from shop_order o left join (
            select order_id, sum(list_cents) as list, sum(member_discount_cents) as member,
                   sum(coupon_cents) as coupon, sum(offset_points) as points,
                   sum(offset_cents) as cents
              from shop_order_line group by order_id) l on l.order_id = o.id
         where (o.list_cents, o.member_discount_cents, o.coupon_cents, o.offset_points,
                o.offset_cents)
               is distinct from (l.list, l.member, l.coupon, l.points, l.cents)""",
    "a paid shop order was paid what was due": """
        select o.id, o.number from shop_order o
         where o.paid_at is not null and o.payable_cents - o.cash_cents <> coalesce(
               (select sum(p.amount_cents) from shop_payment p
                 where p.order_id = o.id and p.status = 'paid'), 0)""",
    "a paid shop order is an order of the ledger's side, at the same price": """
        select o.id, o.number from shop_order o
          left join orders_order l on l.channel = 'shop' and l.external_id = o.number
         where (o.paid_at is not null) <> (l.id is not null)
            or (l.offset_points, l.offset_cents) <> (o.offset_points, o.offset_cents)""",
    "a shop order gave back what its refunds say": """
        select o.id, o.number from shop_order o left join (
            select order_id, sum(paid_cents) as paid, sum(cash_cents) as cash
              from shop_refund where status in ('paying', 'done', 'failed') group by order_id) r
            on r.order_id = o.id
         where o.refunded_cents <> coalesce(r.paid, 0)
            or coalesce(r.cash, 0) <> coalesce(
               (select sum(t.amount) from ledger_transaction t
                 where t.reverses_id = o.cash_transaction_id), 0)""",
    "cash pays what a shop order says": """
        select o.id, o.number from shop_order o
          left join ledger_transaction t on t.id = o.cash_transaction_id
         where o.paid_at is not null and o.cash_cents <> coalesce(-t.amount, 0)""",
    "who bore an offset adds up to it": """
        select o.id, o.external_id from orders_order o, lateral (
            select sum((s->>'points')::bigint) as points, sum((s->>'cents')::bigint) as cents
              from jsonb_array_elements(o.offset_shares) s) b
         where o.offset_shares is not null
           and (b.points, b.cents) is distinct from (o.offset_points, o.offset_cents)""",
    "only orders that may still be filled keep stock": """
        select o.id, o.number from shop_order o
         where o.is_reserved <> (o.status <> 'cancelled')""",
}
