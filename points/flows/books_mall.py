"""What has to hold in the points mall: redemptions against the ledger, stock against redemptions."""

# Each query answers (id of the offender, what is wrong with it).
CHECKS: dict[str, str] = {
    "a redemption took its points once": """
        select r.id, r.code from redemption_redemption r
          left join ledger_transaction t on t.id = r.transaction_id and t.amount = -r.points
         where t.id is null and r.transaction_id is not null""",
    "a redemption without payment holds its points": """
        select r.id, r.code from redemption_redemption r
          left join ledger_hold h on h.id = r.hold_id and h.points = r.points
         where r.status = 'awaiting_payment' and h.id is null""",
    "a cancelled redemption returned its points": """
        select r.id, r.code from redemption_redemption r
         where r.status = 'cancelled' and r.transaction_id is not null and r.points <> coalesce(
               (select sum(t.amount) from ledger_transaction t
                 where t.reverses_id = r.transaction_id and t.kind = 'refund_spent'), 0)""",
    "a redemption that was given up holds nothing": """
        select r.id, r.code from redemption_redemption r join ledger_hold h on h.id = r.hold_id
         where r.status = 'cancelled' and h.status = 'open'""",
    "a redemption paid from the cash wallet took its price once": """
        select r.id, r.code from redemption_redemption r
          left join ledger_transaction t
            on t.id = r.cash_transaction_id and t.amount = -r.price_cents
          left join ledger_wallet w on w.id = t.wallet_id and w.unit = 'cash'
         where r.payment = 'wallet' and w.id is null""",
    "a cancelled redemption returned its cash": """
        select r.id, r.code from redemption_redemption r
         where r.status = 'cancelled' and r.cash_transaction_id is not null
           and r.price_cents <> coalesce(
               (select sum(t.amount) from ledger_transaction t
                 where t.reverses_id = r.cash_transaction_id and t.kind = 'refund_spent'), 0)""",
    "an item counts what was redeemed of it": """
        select i.id, format('%s against %s', i.redeemed_count, coalesce(sum(r.quantity), 0))
          from redemption_mallitem i left join redemption_redemption r
            on r.item_id = i.id and r.status <> 'cancelled'
         group by i.id having i.redeemed_count <> coalesce(sum(r.quantity), 0)""",
    "a variant counts what was redeemed of it": """
        select v.id, format('%s against %s', v.redeemed_count, coalesce(sum(r.quantity), 0))
          from redemption_mallvariant v left join redemption_redemption r
            on r.variant_id = v.id and r.status <> 'cancelled'
         group by v.id having v.redeemed_count <> coalesce(sum(r.quantity), 0)""",
    "a redemption names a variant of its item": """
        select r.id, r.code from redemption_redemption r
          join redemption_mallvariant v on v.id = r.variant_id where v.item_id <> r.item_id""",
    # Of those who still have to pay, the unit is taken and the code is not.
    "the stock of gift codes is what is left in the pool": """
        select i.id, format('%s and %s unpaid against %s', i.stock, w.units, g.codes)
          from redemption_mallitem i
          cross join lateral (select coalesce(sum(r.quantity), 0) as units
                                from redemption_redemption r
                               where r.item_id = i.id and r.status = 'awaiting_payment') w
          cross join lateral (select count(*) as codes from redemption_giftcode g
                               where g.item_id = i.id and g.redemption_id is null) g
         where i.kind = 'gift_code' and coalesce(i.stock, 0) + w.units <> g.codes""",
    "a redemption of gift codes has one for each unit": """
        select r.id, format('%s against %s', r.quantity, count(g.id))
          from redemption_redemption r left join redemption_giftcode g on g.redemption_id = r.id
         where r.delivered ? 'gift_codes'
         group by r.id having r.quantity <> count(g.id)""",
    "a redemption of coupons has one for each unit": """
        select r.id, r.code from redemption_redemption r
         where r.delivered ? 'coupons' and r.quantity <> (
               select count(*) from coupons_coupon c
                where c.source = 'redemption' and c.member_id = r.member_id
                  and c.code in (select jsonb_array_elements_text(r.delivered->'coupons')))""",
    "a redemption of a red packet gave its cash once": """
        select r.id, r.code from redemption_redemption r
          left join ledger_transaction t on t.id = (r.delivered->>'transaction_id')::bigint
           and t.amount = (r.delivered->>'cents')::bigint and t.source_id = r.id
         where r.delivered ? 'cents' and t.id is null""",
    "a redemption paid through a provider has its payment, at its price": """
        select r.id, r.code from redemption_redemption r
          left join shop_payment p on p.redemption_id = r.id and p.status = 'paid'
           and p.amount_cents = r.price_cents and p.provider <> 'offline'
         where starts_with(r.paid_by, 'payment:') and r.status <> 'cancelled' and p.id is null""",
    "a payment that counts is for a redemption that stands, at its price": """
        select p.id, r.code from shop_payment p join redemption_redemption r on r.id = p.redemption_id
         where p.status = 'paid' and (r.status not in ('pending', 'fulfilled')
            or r.paid_at is null or p.amount_cents <> r.price_cents
            or (p.provider <> 'offline') <> (starts_with(r.paid_by, 'payment:')))""",
    "a cancelled redemption gave its provider's money back": """
        select r.id, r.code from redemption_redemption r
         where r.status = 'cancelled' and starts_with(r.paid_by, 'payment:') and r.price_cents <> coalesce(
               (select max(p.amount_cents) from shop_payment p where p.redemption_id = r.id
                   and p.status in ('surplus', 'returned', 'owed', 'settled')), 0)""",
}  # fmt: skip
