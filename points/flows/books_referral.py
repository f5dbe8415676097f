"""What must hold between referrals, commissions and the ledger."""

REFERRAL: dict[str, str] = {
    "commission is the cash the ledger gave for it, less what it took back": """
        select c.id, format('%s - %s against %s - %s', c.paid_cents, c.taken_back_cents,
                            coalesce(t.paid, 0), coalesce(t.taken, 0))
          from referral_commission c left join (
            select source_id, sum(amount) filter (where kind = 'earn') as paid,
                   -sum(amount) filter (where kind = 'clawback') as taken
              from ledger_transaction where source_type = 'commission' group by source_id) t
            on t.source_id = c.id
         where (c.paid_cents, c.taken_back_cents)
               is distinct from (coalesce(t.paid, 0), coalesce(t.taken, 0))""",
    "settled commission is what its goods are worth": """
        select c.id, format('%s against %s', c.amount_cents, c.paid_cents - c.taken_back_cents)
          from referral_commission c
         where c.status = 'settled' and c.amount_cents <> c.paid_cents - c.taken_back_cents""",
    "all that is granted as commission has one": """
        select t.id, t.source_id::text from ledger_transaction t
         where t.source_type = 'commission'
           and not exists (select 1 from referral_commission c where c.id = t.source_id)""",
    "a referral gave what the ledger granted for it": """
        select r.id, format('%s %s against %s', r.inviter_points, r.invitee_points,
                            coalesce(t.points, 0))
          from referral_referral r left join (
            select source_id, sum(amount) as points from ledger_transaction
             where source_type in ('referral', 'invited') and kind = 'earn' group by source_id) t
            on t.source_id = r.id
         where r.inviter_points + r.invitee_points <> coalesce(t.points, 0)""",
    "nobody came by himself, directly or through others": """
        with recursive up(start, id, path) as (
          select member_id, inviter_id, array[member_id] from referral_referral
           where status not in ('refused', 'merged')
          union all
          select u.start, r.inviter_id, u.path || r.member_id
            from up u join referral_referral r on r.member_id = u.id
                  and r.status not in ('refused', 'merged')
           where not r.member_id = any(u.path))
        select start, 'comes by itself' from up where id = start""",
    "a distributor stands below one of level 1, or below nobody": """
        select d.id, format('level %s', d.level) from referral_distributor d
          left join referral_distributor p on p.id = d.parent_id
         where d.level <> case when d.parent_id is null then 1 else 2 end
            or (d.parent_id is not null and p.level is distinct from 1)""",
}
