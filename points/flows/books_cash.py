"""That cash agrees with the ledger: caps, red packets, withdrawals. Part of `books_checked`."""

# Each query answers (id of the offender, what is wrong with it).
CASH: dict[str, str] = {
    "a withdrawal took its cash once": """
        select w.id, format('%s by transaction %s', w.cents, w.transaction_id)
          from cash_withdrawal w left join ledger_transaction t
            on t.id = w.transaction_id and t.kind = 'payout' and t.amount = -w.cents
           and t.source_id = w.id
         where t.id is null""",
    "a withdrawal gave its cash back if it was not paid, and only then": """
        select w.id, format('%s, %s came back', w.status, coalesce(b.cents, 0))
          from cash_withdrawal w left join lateral (
            select sum(t.amount) as cents from ledger_transaction t
             where t.source_id = w.id and t.reverses_id = w.transaction_id
               and t.kind = 'payout_return') b on true
         where coalesce(b.cents, 0) <> case when w.status in ('failed', 'rejected', 'cancelled')
                                            then w.cents else 0 end""",
    "every payout is a withdrawal's": """
        select t.id, t.source_type from ledger_transaction t
          left join cash_withdrawal w on w.transaction_id = t.id
         where t.kind = 'payout' and w.id is null""",
    "the shares of a red packet sum to it": """
        select p.id, format('%s in %s against %s in %s', p.total_cents, p.shares_count,
                            coalesce(sum(s.cents), 0), count(s.id))
          from cash_redpacket p left join cash_redpacketshare s on s.red_packet_id = p.id
         group by p.id having p.total_cents <> coalesce(sum(s.cents), 0)
            or p.shares_count <> count(s.id)""",
    "what was taken of a red packet and what went back sum to it": """
        select p.id, format('%s against %s and %s', p.total_cents, coalesce(sum(s.cents), 0),
                            p.returned_cents)
          from cash_redpacket p left join cash_redpacketshare s
            on s.red_packet_id = p.id and s.member_id is not null
         where p.status = 'ended' group by p.id
        having p.total_cents <> coalesce(sum(s.cents), 0) + p.returned_cents""",
    "a share of a red packet was granted once": """
        select s.id, format('%s by transaction %s', s.cents, s.transaction_id)
          from cash_redpacketshare s left join ledger_transaction t
            on t.id = s.transaction_id and t.source_id = s.red_packet_id and t.amount = s.cents
         where s.member_id is not null and t.id is null""",
    "points that were exchanged became cash": """
        select t.id, t.source_id::text from ledger_transaction t
         where t.source_type = 'cash_exchange' and (
               select count(*) from ledger_transaction o
                where o.source_id = t.source_id and o.source_type = 'cash_exchange') <> 2""",
    "caps count what was exchanged": """
        select 'all', format('%s in all, %s by days, %s in the ledger', c.all, c.days, t.cents) from (
          select coalesce(sum(cents) filter (where scope = 'total'), 0) as all,
                 coalesce(sum(cents) filter (where scope <> 'total'), 0) as days
            from cash_exchangecount) c, (
          select coalesce(sum(t.amount), 0) as cents from ledger_transaction t
           where t.source_type = 'cash_exchange' and t.kind = 'earn') t
         where c.all <> t.cents or c.days <> t.cents""",
}
