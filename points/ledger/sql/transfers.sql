-- Points go from one member to another. Two transactions that mirror each other, one in each wallet:
-- what leaves the first passes through the account `transfer`, whose total is always 0.

-- What transaction p_out drew from its lots becomes lots of the wallet p_wallet, granted by p_in:
-- same dates, same payer, same cost; a lot that lives by activity lives by the receiver's from then
-- on, and the transfer itself moves no end. p_source: what the new lots count as coming from; null keeps
-- the source of each.
create or replace function ledger_carry(p_out bigint, p_wallet bigint, p_in bigint, p_source uuid)
returns void language sql as $$
  insert into ledger_lot (wallet_id, transaction_id, granted, remaining, held, expired, is_mature,
      granted_at, matures_at, expires_at, idle_rule, funding_source_id, unit_cost_micros, source_id)
  select p_wallet, p_in, c.amount, c.amount, 0, 0, l.is_mature, l.granted_at, l.matures_at,
         l.expires_at, l.idle_rule, l.funding_source_id, l.unit_cost_micros, coalesce(p_source, l.source_id)
    from ledger_consumption c join ledger_lot l on l.id = c.lot_id
   where c.transaction_id = p_out
   order by l.expires_at, l.granted_at, l.id;
  -- Without a last activity the receiver's next one would not be noted.
  update ledger_wallet w set last_active_at = coalesce(ledger_last_activity(p_wallet), l.granted_at)
    from (select min(granted_at) as granted_at from ledger_lot
           where transaction_id = p_in and idle_rule is not null) l
   where w.id = p_wallet and w.last_active_at is null and l.granted_at is not null
$$;

-- Transfer p.amount from p.sender to p.receiver, soonest expiry first. p.limits is a list of
-- {"period", "since", "points"}: at most so many points given away since then, this one included.
-- What a member merged into the sender had given away counts: it is one person's.
-- Refuses with {"refused": …} when less is available or a limit is reached; nothing is changed then.
create or replace function ledger_transfer(p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_from ledger_wallet;
  v_to ledger_wallet;
  v_sender uuid := (p->>'sender')::uuid;
  v_receiver uuid := (p->>'receiver')::uuid;
  v_amount bigint := (p->>'amount')::bigint;
  v_seen jsonb;
  v_limit record;
  v_given bigint;
  v_out bigint;
  v_in bigint;
begin
  insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
  select m, p->>'unit', 0, 0, 0, 0, 0
    from unnest(array[least(v_sender, v_receiver), greatest(v_sender, v_receiver)]) as m
   where not exists (select 1 from ledger_wallet w where w.member_id = m and w.unit = p->>'unit')
  on conflict (member_id, unit) do nothing;
  perform 1 from ledger_wallet
    where member_id in (v_sender, v_receiver) and unit = p->>'unit' order by id for update;
  -- Both are locked in order of their ids by now; this books what was due in each.
  v_from := ledger_open_wallet(v_sender, p->>'unit', p_at);
  v_to := ledger_open_wallet(v_receiver, p->>'unit', p_at);
  v_seen := ledger_replay(p);
  if v_seen is not null then
    return v_seen;
  end if;
  if v_from.available < v_amount then
    return jsonb_build_object('refused', 'insufficient', 'available', v_from.available);
  end if;
  for v_limit in
    select * from jsonb_to_recordset(p->'limits') as l(period text, since timestamptz, points bigint)
  loop
    select coalesce(-sum(amount), 0) into v_given from ledger_transaction
     where wallet_id in (select ledger_wallets_of(v_sender, p->>'unit'))
       and occurred_at >= v_limit.since
       and kind = 'transfer_out' and source_type = 'transfer';
    if v_given + v_amount > v_limit.points then
      return jsonb_build_object('refused', 'limit', 'period', v_limit.period,
        'limit', v_limit.points, 'left', greatest(0, v_limit.points - v_given));
    end if;
  end loop;
  v_out := ledger_book(v_from.id, 'transfer_out', -v_amount, v_from.available - v_amount, p, p_at);
  if ledger_draw(v_from.id, v_out, v_amount, p_at, true) <> v_amount then
    raise exception 'wallet % holds fewer points in lots than it shows', v_from.id;
  end if;
  v_in := ledger_book(v_to.id, 'transfer_in', v_amount, v_to.available + v_amount,
                      p || jsonb_build_object('key', (p->>'key') || ':in'), p_at);
  perform ledger_carry(v_out, v_to.id, v_in, (p->>'source_id')::uuid);
  insert into ledger_posting (transaction_id, account, amount)
  values (v_out, 'available', -v_amount), (v_out, 'transfer', v_amount),
         (v_in, 'transfer', -v_amount), (v_in, 'available', v_amount);
  perform ledger_tell(v_from.unit, 'transferred', v_sender, v_out, v_amount, p->>'reference', p_at);
  perform ledger_tell(v_to.unit, 'received', v_receiver, v_in, v_amount, p->>'reference', p_at);
  update ledger_wallet set available = available - v_amount,
         next_change_at = ledger_next_change(id) where id = v_from.id;
  perform ledger_credit(v_to.id, v_amount, p_at, v_in);
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_to.id;
  return jsonb_build_object('transaction_id', v_out, 'received_id', v_in, 'is_new', true,
    'is_same', true, 'balance', v_from.available - v_amount);
end $$;
