-- The ledger's stored functions: every change of a balance is one call of one of these.
--
-- They run in the merchant's schema (names are unqualified on purpose), as the role of the caller.
-- Business time comes in as p_at; no function asks the server for the time. Each begins by locking
-- the wallet (several: in order of their ids), so that all movements of one member queue up there.

-- Draw p_amount from lots into consumptions of transaction p_tx: soonest expiry first, same expiry
-- oldest first, never-expiring last (rules.md §2). Returns what it could draw.
-- p_source: only lots of that source; p_not_source: only others; p_mature: matured or pending ones.
create function ledger_draw(
  p_wallet bigint, p_tx bigint, p_amount bigint, p_at timestamptz, p_mature boolean,
  p_source uuid default null, p_not_source uuid default null
) returns bigint language sql as $$
  with open as (
    select id, remaining,
           sum(remaining) over (order by expires_at nulls last, granted_at, id) - remaining as before
      from ledger_lot
     where wallet_id = p_wallet and remaining > 0 and is_mature = p_mature
       and (expires_at is null or expires_at > p_at)
       and (p_source is null or source_id = p_source)
       and (p_not_source is null or source_id is distinct from p_not_source)
  ), take as (
    select id, least(remaining, p_amount - before) as amount from open where before < p_amount
  ), drawn as (
    update ledger_lot l set remaining = l.remaining - t.amount from take t where l.id = t.id
    returning l.id
  ), booked as (
    insert into ledger_consumption (transaction_id, lot_id, amount)
    select p_tx, t.id, t.amount from take t join drawn d on d.id = t.id
    returning amount
  )
  select coalesce(sum(amount), 0)::bigint from booked
$$;

-- The earliest moment at which something in the wallet changes by itself: a lot matures or expires,
-- a hold runs out.
create function ledger_next_change(p_wallet bigint) returns timestamptz language sql stable as $$
  select least(
    (select min(case when is_mature then expires_at else least(matures_at, expires_at) end)
       from ledger_lot where wallet_id = p_wallet and remaining > 0),
    (select min(expires_at) from ledger_hold where wallet_id = p_wallet and status = 'open'))
$$;

-- Points became available (granted, matured, released, returned): first they pay the debt.
-- Updates the wallet in one statement, as it may never show both debt and available points.
create function ledger_credit(p_wallet bigint, p_gain bigint, p_at timestamptz, p_cause bigint)
returns void language plpgsql as $$
declare
  v_offset bigint;
  v_available bigint;
  v_tx bigint;
begin
  select least(debt, available + p_gain) into v_offset from ledger_wallet where id = p_wallet;
  update ledger_wallet set available = available + p_gain - v_offset, debt = debt - v_offset
   where id = p_wallet returning available into v_available;
  if v_offset = 0 then
    return;
  end if;
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
      source_type, reference, note, actor, reverses_id, occurred_at, posted_at)
  values (p_wallet, 'debt_offset', 0, v_available, 'debt:' || p_cause, '', '', '', '', '',
      p_cause, p_at, p_at)
  returning id into v_tx;
  if ledger_draw(p_wallet, v_tx, v_offset, '-infinity', true) <> v_offset then
    raise exception 'wallet % holds fewer points in lots than it shows', p_wallet;
  end if;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'available', -v_offset), (v_tx, 'debt', v_offset);
end $$;

-- Book all that became due by p_at in these wallets: holds that ran out, lots that matured, lots
-- that expired. Every entry is dated when it was due, however late this runs. Returns wallets done.
create function ledger_refresh(p_wallets bigint[], p_at timestamptz)
returns integer language plpgsql as $$
declare
  v_wallet bigint;
  v_hold record;
  v_lot record;
  v_tx bigint;
  v_balance bigint;
  v_done integer := 0;
begin
  for v_wallet in
    select id from ledger_wallet
     where id = any(p_wallets) and next_change_at <= p_at order by id for update
  loop
    for v_hold in
      select id, expires_at from ledger_hold
       where wallet_id = v_wallet and status = 'open' and expires_at <= p_at order by expires_at, id
    loop
      perform ledger_close_hold(v_hold.id, 'timed_out', v_hold.expires_at, p_at, '');
    end loop;

    for v_lot in
      select id, remaining, matures_at from ledger_lot
       where wallet_id = v_wallet and not is_mature and matures_at <= p_at and remaining > 0
       order by matures_at, id
    loop
      update ledger_wallet set pending = pending - v_lot.remaining where id = v_wallet;
      select available into v_balance from ledger_wallet where id = v_wallet;
      insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key,
          fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
      values (v_wallet, 'mature', 0, v_balance + v_lot.remaining, 'mature:' || v_lot.id,
          '', 'lot', '', '', '', v_lot.matures_at, p_at)
      returning id into v_tx;
      insert into ledger_posting (transaction_id, account, amount)
      values (v_tx, 'pending', -v_lot.remaining), (v_tx, 'available', v_lot.remaining);
      update ledger_lot set is_mature = true where id = v_lot.id;
      perform ledger_credit(v_wallet, v_lot.remaining, v_lot.matures_at, v_tx);
    end loop;

    for v_lot in
      select id, remaining, expired, is_mature, expires_at from ledger_lot
       where wallet_id = v_wallet and expires_at <= p_at and remaining > 0
       order by expires_at, id
    loop
      if v_lot.is_mature then
        update ledger_wallet set available = available - v_lot.remaining where id = v_wallet;
      else
        update ledger_wallet set pending = pending - v_lot.remaining where id = v_wallet;
      end if;
      select available into v_balance from ledger_wallet where id = v_wallet;
      insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key,
          fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
      values (v_wallet, 'expire', -v_lot.remaining, v_balance,
          'expire:' || v_lot.id || ':' || v_lot.expired,
          '', 'lot', '', '', '', v_lot.expires_at, p_at)
      returning id into v_tx;
      insert into ledger_posting (transaction_id, account, amount)
      values (v_tx, case when v_lot.is_mature then 'available' else 'pending' end, -v_lot.remaining),
             (v_tx, 'breakage', v_lot.remaining);
      insert into ledger_consumption (transaction_id, lot_id, amount)
      values (v_tx, v_lot.id, v_lot.remaining);
      update ledger_lot set remaining = 0, expired = expired + v_lot.remaining where id = v_lot.id;
    end loop;

    update ledger_wallet set next_change_at = ledger_next_change(v_wallet) where id = v_wallet;
    v_done := v_done + 1;
  end loop;
  return v_done;
end $$;

-- Lock a member's wallet, made at zero if it is not there, with all that was due booked.
create function ledger_open_wallet(p_member uuid, p_unit text, p_at timestamptz)
returns ledger_wallet language plpgsql as $$
declare
  v_wallet ledger_wallet;
begin
  select * into v_wallet from ledger_wallet
   where member_id = p_member and unit = p_unit for update;
  if not found then
    insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
    values (p_member, p_unit, 0, 0, 0, 0, 0) on conflict (member_id, unit) do nothing;
    select * into v_wallet from ledger_wallet
     where member_id = p_member and unit = p_unit for update;
  end if;
  if v_wallet.next_change_at <= p_at then
    perform ledger_refresh(array[v_wallet.id], p_at);
    select * into v_wallet from ledger_wallet where id = v_wallet.id;
  end if;
  return v_wallet;
end $$;

-- Grant many at once: each item becomes a transaction, two postings, a lot and an outbox event.
-- Items whose source key is known are left out. One row per item: its position, the transaction,
-- whether this call made it, and whether its fingerprint is the one first sent.
create function ledger_grant(p_items jsonb, p_at timestamptz, p_actor text)
returns table (ord bigint, transaction_id bigint, is_new boolean, is_same boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_due bigint[];
  v_in_debt boolean;
  v_new bigint[];
begin
  insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
  select distinct i.member, i.unit, 0, 0, 0, 0, 0
    from jsonb_to_recordset(p_items) as i(member uuid, unit text)
   where not exists (select 1 from ledger_wallet w where w.member_id = i.member and w.unit = i.unit)
   order by i.member, i.unit
  on conflict (member_id, unit) do nothing;

  with locked as (
    select w.id, w.next_change_at, w.debt from ledger_wallet w
     where (w.member_id, w.unit) in
           (select i.member, i.unit from jsonb_to_recordset(p_items) as i(member uuid, unit text))
     order by w.id for update
  )
  select array_agg(l.id) filter (where l.next_change_at <= p_at), bool_or(l.debt > 0)
    into v_due, v_in_debt from locked l;
  if v_due is not null then
    perform ledger_refresh(v_due, p_at);
  end if;

  -- Ids are drawn first, so that every insert below reads the items and none has to be joined.
  with item as materialized (
    select nextval('ledger_transaction_id_seq') as tx, ordered.* from (
      select known.* from (
        select distinct on (i.key) i.*, w.id as wallet_id, w.available, w.debt,
               coalesce(i.matures_at, i.occurred_at) as ripe_at
          from rows from (jsonb_to_recordset(p_items) as (
                 member uuid, unit text, kind text, amount bigint, key text, fingerprint text,
                 occurred_at timestamptz, matures_at timestamptz, expires_at timestamptz,
                 funding_source_id bigint, account text, unit_cost_micros bigint,
                 source_type text, source_id uuid, reference text, note text)) with ordinality
               as i(member, unit, kind, amount, key, fingerprint, occurred_at, matures_at,
                    expires_at, funding_source_id, account, unit_cost_micros, source_type,
                    source_id, reference, note, ord)
          join ledger_wallet w on w.member_id = i.member and w.unit = i.unit
         where not exists (select 1 from ledger_transaction t where t.source_key = i.key)
         order by i.key, i.ord) as known
       order by known.ord) as ordered
  ), booked as (
    insert into ledger_transaction (id, wallet_id, kind, amount, balance_after, source_key,
        fingerprint, source_type, source_id, reference, note, actor, occurred_at, posted_at)
    select tx, wallet_id, kind, amount,
           available + sum(case when ripe_at <= p_at then amount else 0 end)
                       over (partition by wallet_id order by ord),
           key, fingerprint, source_type, source_id, reference, note, p_actor, occurred_at, p_at
      from item
  ), posted as (
    insert into ledger_posting (transaction_id, account, amount)
    select tx, case when ripe_at <= p_at then 'available' else 'pending' end, amount from item
    union all
    select tx, account, -amount from item
  ), lots as (
    insert into ledger_lot (wallet_id, transaction_id, granted, remaining, held, expired, is_mature,
        granted_at, matures_at, expires_at, funding_source_id, unit_cost_micros, source_id)
    select wallet_id, tx, amount, amount, 0, 0, ripe_at <= p_at,
           occurred_at, ripe_at, expires_at, funding_source_id, unit_cost_micros, source_id
      from item
  ), told as (
    insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
    select gen_random_uuid(), 'points.earned', member::text,
           jsonb_build_object('transaction_id', tx::text, 'member_id', member, 'unit', unit,
                              'amount', amount, 'reference', reference), occurred_at, 0
      from item
  ), paid as (
    update ledger_wallet w
       set pending = w.pending + s.pending,
           available = w.available + case when w.debt = 0 then s.ripe else 0 end,
           lifetime_earned = w.lifetime_earned + s.earned,
           next_change_at = least(w.next_change_at, s.next_change_at)
      from (select wallet_id,
                   sum(case when ripe_at > p_at then amount else 0 end) as pending,
                   sum(case when ripe_at <= p_at then amount else 0 end) as ripe,
                   sum(case when kind in ('earn', 'opening') then amount else 0 end) as earned,
                   min(case when ripe_at > p_at then least(ripe_at, expires_at) else expires_at end)
                     as next_change_at
              from item group by wallet_id) s
     where w.id = s.wallet_id
  )
  select coalesce(array_agg(tx), '{}') into v_new from item;

  -- Wallets in debt, of which there are few: what became available pays it first.
  if v_in_debt then
    perform ledger_credit(l.wallet_id, sum(l.granted)::bigint, p_at, max(l.transaction_id))
       from ledger_lot l join ledger_wallet w on w.id = l.wallet_id and w.debt > 0
      where l.transaction_id = any(v_new) and l.is_mature
      group by l.wallet_id;
  end if;

  return query
    select i.ord, t.id, t.id = any(v_new), t.fingerprint = i.fingerprint
      from rows from (jsonb_to_recordset(p_items) as (key text, fingerprint text)) with ordinality
           as i(key, fingerprint, ord)
      join ledger_transaction t on t.source_key = i.key
     order by i.ord;
end $$;

-- One row of the ledger for a movement in one wallet.
create function ledger_book(
  p_wallet bigint, p_kind text, p_amount bigint, p_balance bigint, p jsonb, p_at timestamptz,
  p_reverses bigint default null
) returns bigint language sql as $$
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
      source_type, source_id, reference, note, actor, reverses_id, occurred_at, posted_at)
  values (p_wallet, p_kind, p_amount, p_balance, p->>'key', coalesce(p->>'fingerprint', ''),
      coalesce(p->>'source_type', ''), (p->>'source_id')::uuid, coalesce(p->>'reference', ''),
      coalesce(p->>'note', ''), coalesce(p->>'actor', ''), p_reverses,
      coalesce((p->>'occurred_at')::timestamptz, p_at), p_at)
  returning id
$$;

-- What was posted under this key before: null, or the first result with a word on the contents.
create function ledger_replay(p jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('transaction_id', id, 'is_new', false, 'balance', balance_after,
           'is_same', fingerprint = coalesce(p->>'fingerprint', ''))
    from ledger_transaction where source_key = p->>'key'
$$;

create function ledger_tell(p_topic text, p_member uuid, p_tx bigint, p_amount bigint,
  p_reference text, p_at timestamptz) returns void language sql as $$
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  values (gen_random_uuid(), p_topic, p_member::text,
          jsonb_build_object('transaction_id', p_tx::text, 'member_id', p_member,
                             'amount', p_amount, 'reference', p_reference), p_at, 0)
$$;

-- Spend: draw from the lots in order, post to p.account (redemption, adjustment, …).
-- Refuses with {"refused": …} when less is available; nothing is changed then.
create function ledger_spend(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
declare
  v_wallet ledger_wallet;
  v_amount bigint := (p->>'amount')::bigint;
  v_seen jsonb;
  v_tx bigint;
begin
  v_wallet := ledger_open_wallet((p->>'member')::uuid, p->>'unit', p_at);
  v_seen := ledger_replay(p);
  if v_seen is not null then
    return v_seen;
  end if;
  if v_wallet.available < v_amount then
    return jsonb_build_object('refused', 'insufficient', 'available', v_wallet.available);
  end if;
  v_tx := ledger_book(v_wallet.id, p->>'kind', -v_amount, v_wallet.available - v_amount, p, p_at);
  if ledger_draw(v_wallet.id, v_tx, v_amount, p_at, true) <> v_amount then
    raise exception 'wallet % holds fewer points in lots than it shows', v_wallet.id;
  end if;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'available', -v_amount), (v_tx, p->>'account', v_amount);
  perform ledger_tell('points.spent', v_wallet.member_id, v_tx, v_amount, p->>'reference', p_at);
  update ledger_wallet set available = available - v_amount where id = v_wallet.id;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
                            'balance', v_wallet.available - v_amount);
end $$;

-- Set points aside. p.hold_id names the new hold, p.expires_at its end.
create function ledger_hold_points(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
declare
  v_wallet ledger_wallet;
  v_amount bigint := (p->>'amount')::bigint;
  v_hold uuid := (p->>'hold_id')::uuid;
  v_ends timestamptz := (p->>'expires_at')::timestamptz;
  v_tx bigint;
begin
  v_wallet := ledger_open_wallet((p->>'member')::uuid, p->>'unit', p_at);
  if v_wallet.available < v_amount then
    return jsonb_build_object('refused', 'insufficient', 'available', v_wallet.available);
  end if;
  v_tx := ledger_book(v_wallet.id, 'hold', 0, v_wallet.available - v_amount, p, p_at);
  insert into ledger_hold (id, wallet_id, points, reference, status, created_at, expires_at)
  values (v_hold, v_wallet.id, v_amount, coalesce(p->>'reference', ''), 'open', p_at, v_ends);
  with open as (
    select id, remaining,
           sum(remaining) over (order by expires_at nulls last, granted_at, id) - remaining as before
      from ledger_lot
     where wallet_id = v_wallet.id and remaining > 0 and is_mature
       and (expires_at is null or expires_at > p_at)
  ), take as (
    select id, least(remaining, v_amount - before) as amount from open where before < v_amount
  ), kept as (
    update ledger_lot l set remaining = l.remaining - t.amount, held = l.held + t.amount
      from take t where l.id = t.id
  )
  insert into ledger_holdpart (hold_id, lot_id, amount) select v_hold, id, amount from take;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'available', -v_amount), (v_tx, 'held', v_amount);
  update ledger_wallet set available = available - v_amount, held = held + v_amount,
         next_change_at = least(next_change_at, v_ends)
   where id = v_wallet.id;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
                            'balance', v_wallet.available - v_amount);
end $$;

-- Give a hold back: released by somebody, or timed out. The wallet is locked by the caller.
create function ledger_close_hold(p_hold uuid, p_status text, p_occurred timestamptz,
  p_at timestamptz, p_actor text) returns bigint language plpgsql as $$
declare
  v_hold ledger_hold;
  v_tx bigint;
  v_balance bigint;
begin
  select * into v_hold from ledger_hold where id = p_hold;
  update ledger_lot l set remaining = l.remaining + h.amount, held = l.held - h.amount
    from ledger_holdpart h where h.hold_id = p_hold and l.id = h.lot_id;
  update ledger_wallet set held = held - v_hold.points where id = v_hold.wallet_id
    returning available into v_balance;
  v_tx := ledger_book(v_hold.wallet_id, 'release', 0, v_balance + v_hold.points,
    jsonb_build_object('key', 'release:' || p_hold, 'source_type', 'hold', 'source_id', p_hold,
                       'reference', v_hold.reference, 'actor', p_actor, 'note', p_status,
                       'occurred_at', p_occurred), p_at);
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'held', -v_hold.points), (v_tx, 'available', v_hold.points);
  update ledger_hold set status = p_status, closed_at = p_occurred, closed_by_id = v_tx
   where id = p_hold;
  perform ledger_credit(v_hold.wallet_id, v_hold.points, p_occurred, v_tx);
  return v_tx;
end $$;

-- Lock the wallet of a hold and book what was due there (the hold itself may just have run out).
create function ledger_open_hold(p_hold uuid, p_at timestamptz) returns ledger_hold
language plpgsql as $$
declare
  v_hold ledger_hold;
begin
  select * into v_hold from ledger_hold where id = p_hold;
  if not found then
    return null;
  end if;
  perform 1 from ledger_wallet where id = v_hold.wallet_id for update;
  perform ledger_refresh(array[v_hold.wallet_id], p_at);
  select * into v_hold from ledger_hold where id = p_hold;
  return v_hold;
end $$;

create function ledger_release(p_hold uuid, p_at timestamptz, p_actor text) returns jsonb
language plpgsql as $$
declare
  v_hold ledger_hold := ledger_open_hold(p_hold, p_at);
begin
  if v_hold.id is null then
    return jsonb_build_object('refused', 'not_found');
  end if;
  if v_hold.status = 'captured' then
    return jsonb_build_object('refused', 'not_open', 'status', v_hold.status);
  end if;
  if v_hold.status = 'open' then
    perform ledger_close_hold(p_hold, 'released', p_at, p_at, p_actor);
    update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_hold.wallet_id;
    perform ledger_refresh(array[v_hold.wallet_id], p_at);
  end if;
  return jsonb_build_object('is_new', v_hold.status = 'open');
end $$;

-- Spend what a hold set aside. p carries source, reference, actor; the key is the hold's own, so
-- that a hold is captured once whoever asks.
create function ledger_capture(p_hold uuid, p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_hold ledger_hold := ledger_open_hold(p_hold, p_at);
  v_wallet ledger_wallet;
  v_tx bigint;
begin
  if v_hold.id is null then
    return jsonb_build_object('refused', 'not_found');
  end if;
  if v_hold.status = 'captured' then
    return jsonb_build_object('transaction_id', v_hold.closed_by_id, 'is_new', false,
                              'points', v_hold.points);
  end if;
  if v_hold.status <> 'open' then
    return jsonb_build_object('refused', 'not_open', 'status', v_hold.status);
  end if;
  select * into v_wallet from ledger_wallet where id = v_hold.wallet_id;
  v_tx := ledger_book(v_wallet.id, 'capture', -v_hold.points, v_wallet.available,
                      p || jsonb_build_object('key', 'capture:' || p_hold), p_at);
  insert into ledger_consumption (transaction_id, lot_id, amount)
  select v_tx, lot_id, amount from ledger_holdpart where hold_id = p_hold;
  update ledger_lot l set held = l.held - h.amount
    from ledger_holdpart h where h.hold_id = p_hold and l.id = h.lot_id;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'held', -v_hold.points), (v_tx, 'redemption', v_hold.points);
  update ledger_hold set status = 'captured', closed_at = p_at, closed_by_id = v_tx
   where id = p_hold;
  perform ledger_tell('points.spent', v_wallet.member_id, v_tx, v_hold.points,
                      v_hold.reference, p_at);
  update ledger_wallet set held = held - v_hold.points where id = v_wallet.id;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_wallet.id;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'points', v_hold.points);
end $$;

-- Return spent points to the lots they came from, last drawn first, with their old expiry. A lot
-- that has expired meanwhile takes its points back and expires at once: nothing is left of them,
-- and both entries stand in the ledger. p.amount null: all that can still be returned.
create function ledger_return(p_original bigint, p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_original ledger_transaction;
  v_wallet ledger_wallet;
  v_seen jsonb;
  v_left bigint;
  v_amount bigint;
  v_tx bigint;
begin
  select * into v_original from ledger_transaction where id = p_original;
  perform 1 from ledger_wallet where id = v_original.wallet_id for update;
  perform ledger_refresh(array[v_original.wallet_id], p_at);
  v_seen := ledger_replay(p);
  if v_seen is not null then
    return v_seen;
  end if;
  select -v_original.amount + coalesce(sum(c.amount), 0) into v_left
    from ledger_consumption c where c.reverses_id = p_original;
  v_amount := coalesce((p->>'amount')::bigint, v_left);
  if v_amount > v_left or v_amount <= 0 then
    return jsonb_build_object('refused', 'too_large', 'returnable', v_left);
  end if;
  select * into v_wallet from ledger_wallet where id = v_original.wallet_id;
  v_tx := ledger_book(v_wallet.id, 'refund_spent', v_amount, v_wallet.available + v_amount, p, p_at,
                      p_original);
  with drawn as (
    select c.lot_id, c.amount + coalesce((select sum(r.amount) from ledger_consumption r
             where r.reverses_id = p_original and r.lot_id = c.lot_id), 0) as amount,
           l.expires_at, l.granted_at
      from ledger_consumption c join ledger_lot l on l.id = c.lot_id
     where c.transaction_id = p_original
  ), ranked as (
    select lot_id, amount, sum(amount) over (
             order by expires_at desc nulls first, granted_at desc, lot_id desc) - amount as before
      from drawn where amount > 0
  ), back as (
    select lot_id, least(amount, v_amount - before) as amount from ranked where before < v_amount
  ), put as (
    update ledger_lot l set remaining = l.remaining + b.amount from back b where l.id = b.lot_id
  )
  insert into ledger_consumption (transaction_id, lot_id, amount, reverses_id)
  select v_tx, lot_id, -amount, p_original from back;
  insert into ledger_posting (transaction_id, account, amount)
  select v_tx, account, -v_amount from ledger_posting
   where transaction_id = p_original and account not in ('available', 'held')
  union all select v_tx, 'available', v_amount;
  perform ledger_credit(v_wallet.id, v_amount, p_at, v_tx);
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_wallet.id;
  perform ledger_refresh(array[v_wallet.id], p_at);
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
                            'returned', v_amount);
end $$;

-- Take earned points back (rules.md §4): the source's own pending lots, what is left of its own
-- lots, other lots, then debt up to the limit. Every step is answered with its points; what no step
-- could take is `uncovered`, for the caller to net or to write down.
create function ledger_clawback(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
declare
  v_wallet ledger_wallet;
  v_amount bigint := (p->>'amount')::bigint;
  v_origin uuid := (p->>'origin_id')::uuid;
  v_account text;
  v_seen jsonb;
  v_pending bigint := 0;
  v_own bigint := 0;
  v_other bigint := 0;
  v_debt bigint := 0;
  v_left bigint;
  v_tx bigint;
begin
  v_wallet := ledger_open_wallet((p->>'member')::uuid, p->>'unit', p_at);
  v_seen := ledger_replay(p);
  if v_seen is not null then
    return v_seen;
  end if;
  select coalesce(sum(remaining) filter (where not is_mature), 0),
         coalesce(sum(remaining) filter (where is_mature), 0)
    into v_pending, v_own from ledger_lot where wallet_id = v_wallet.id and source_id = v_origin;
  v_pending := least(v_pending, v_amount);
  v_own := least(v_own, v_amount - v_pending);
  v_left := v_amount - v_pending - v_own;
  if (p->>'from_other_lots')::boolean then
    v_other := least(v_left, v_wallet.available - v_own);
    v_left := v_left - v_other;
  end if;
  -- A wallet may not show debt while points are available, so debt comes after all of them.
  if (p->>'debt')::boolean and v_wallet.available = v_own + v_other then
    v_debt := least(v_left, greatest(0,
                coalesce((p->>'debt_limit')::bigint, v_left + v_wallet.debt) - v_wallet.debt));
    v_left := v_left - v_debt;
  end if;
  if v_amount > v_left then
    v_tx := ledger_book(v_wallet.id, 'clawback', v_left - v_amount,
                        v_wallet.available - v_own - v_other, p, p_at);
    perform ledger_draw(v_wallet.id, v_tx, v_pending, '-infinity', false, v_origin) where v_pending > 0;
    perform ledger_draw(v_wallet.id, v_tx, v_own, p_at, true, v_origin) where v_own > 0;
    perform ledger_draw(v_wallet.id, v_tx, v_other, p_at, true, null, v_origin) where v_other > 0;
    select p.account into v_account
      from ledger_lot l join ledger_posting p on p.transaction_id = l.transaction_id
     where l.source_id = v_origin and p.account like 'issuance:%' order by l.id limit 1;
    insert into ledger_posting (transaction_id, account, amount)
    select v_tx, account, sum(amount) from (
      select 'issuance:' || f.code as account, c.amount
        from ledger_consumption c
        join ledger_lot l on l.id = c.lot_id
        join ledger_fundingsource f on f.id = l.funding_source_id
       where c.transaction_id = v_tx
      union all select coalesce(v_account, 'issuance:merchant'), v_debt
      union all values ('pending', -v_pending), ('available', -v_own - v_other), ('debt', -v_debt)
    ) as leg where amount <> 0 group by account;
    perform ledger_tell('points.clawed_back', v_wallet.member_id, v_tx, v_amount - v_left,
                        p->>'reference', p_at);
    update ledger_wallet set pending = pending - v_pending,
           available = available - v_own - v_other, debt = debt + v_debt
     where id = v_wallet.id;
  end if;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
    'own_pending', v_pending, 'own_lots', v_own, 'other_lots', v_other, 'debt', v_debt,
    'uncovered', v_left);
end $$;

-- What was available to a member at a moment, by the dates of the entries; entries that are due but
-- not yet booked count as if they were.
create function ledger_available_at(p_member uuid, p_unit text, p_moment timestamptz)
returns bigint language sql stable as $$
  select coalesce((
    select sum(p.amount) from ledger_transaction t
      join ledger_posting p on p.transaction_id = t.id and p.account = 'available'
     where t.wallet_id = w.id and t.occurred_at <= p_moment), 0)::bigint
  + coalesce((
    select sum(case
             when l.is_mature and l.expires_at <= p_moment then -l.remaining
             when not l.is_mature and l.matures_at <= p_moment
                  and (l.expires_at is null or l.expires_at > p_moment) then l.remaining
             else 0 end)
      from ledger_lot l where l.wallet_id = w.id and l.remaining > 0), 0)::bigint
  + coalesce((
    select sum(h.points) from ledger_hold h
     where h.wallet_id = w.id and h.status = 'open' and h.expires_at <= p_moment), 0)::bigint
    from ledger_wallet w where w.member_id = p_member and w.unit = p_unit
$$;
