-- The ledger's stored functions, in several files: every change of a balance is one call of one.
--
-- They run in the merchant's schema (names are unqualified on purpose), as the role of the caller.
-- Business time comes in as p_at; no function asks the server for the time. Each begins by locking
-- the wallet (several: in order of their ids), so that all movements of one member queue up there.

-- Draw p_amount from lots into consumptions of transaction p_tx: soonest expiry first, same expiry
-- oldest first, never-expiring last (rules.md §2). Returns what it could draw.
-- p_source: only lots of that source; p_not_source: only others; p_mature: matured or pending ones.
create or replace function ledger_draw(
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
-- a hold runs out. A lot that waits for its order has no date yet and does not expire before it has.
create or replace function ledger_next_change(p_wallet bigint) returns timestamptz language sql stable as $$
  select least(
    (select min(case when is_mature then expires_at else least(matures_at, expires_at) end)
       from ledger_lot where wallet_id = p_wallet and remaining > 0 and matures_at is not null),
    (select min(expires_at) from ledger_hold where wallet_id = p_wallet and status = 'open'))
$$;

-- Points became available (granted, matured, released, returned): first they pay the debt.
-- Updates the wallet in one statement, as it may never show both debt and available points.
create or replace function ledger_credit(p_wallet bigint, p_gain bigint, p_at timestamptz, p_cause bigint)
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
create or replace function ledger_refresh(p_wallets bigint[], p_at timestamptz)
returns integer language plpgsql as $$
declare
  v_due bigint[];
  v_plain bigint[];
  v_wallet bigint;
begin
  with locked as (
    select id, debt from ledger_wallet
     where id = any(p_wallets) and next_change_at <= p_at order by id for update
  )
  select array_agg(id), array_agg(id) filter (where debt = 0 and not exists (
           select 1 from ledger_hold h
            where h.wallet_id = locked.id and h.status = 'open' and h.expires_at <= p_at))
    into v_due, v_plain from locked;
  if v_due is null then
    return 0;
  end if;
  perform ledger_refresh_plain(v_plain, p_at) where v_plain is not null;
  for v_wallet in select unnest(v_due) except select unnest(v_plain) loop
    perform ledger_refresh_one(v_wallet, p_at);
  end loop;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = any(v_due);
  return cardinality(v_due);
end $$;

-- Wallets without debt and without holds that ran out, all at once: what happens to one lot touches
-- no other. A lot that expires before it matures goes straight from pending.
create or replace function ledger_refresh_plain(p_wallets bigint[], p_at timestamptz)
returns void language sql as $$
  with lot as materialized (
    select id, wallet_id, remaining, expired, matures_at, expires_at, is_mature,
           not is_mature and matures_at <= p_at
             and (expires_at is null or matures_at < expires_at) as ripens,
           coalesce(expires_at <= p_at, false) as ends
      from ledger_lot
     where wallet_id = any(p_wallets) and remaining > 0 and matures_at is not null
       and (expires_at <= p_at or not is_mature and matures_at <= p_at)
  ), due as (
    select wallet_id, id as lot_id, 'mature' as kind, 1 as turn, matures_at as due_at,
           remaining as points, remaining as gain, 'pending' as from_account,
           'available' as to_account, 'mature:' || id as key
      from lot where ripens
    union all
    select wallet_id, id, 'expire', 2, expires_at, remaining,
           case when is_mature or ripens then -remaining else 0 end,
           case when is_mature or ripens then 'available' else 'pending' end,
           'breakage', 'expire:' || id || ':' || expired
      from lot where ends
  ), event as materialized (
    select nextval('ledger_transaction_id_seq') as tx, ordered.* from (
      select due.*, sum(gain) over (partition by wallet_id order by due_at, turn, lot_id) as gained
        from due order by wallet_id, due_at, turn, lot_id) as ordered
  ), booked as (
    insert into ledger_transaction (id, wallet_id, kind, amount, balance_after, source_key,
        fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
    select e.tx, e.wallet_id, e.kind, case when e.kind = 'expire' then -e.points else 0 end,
           w.available + e.gained, e.key, '', 'lot', '', '', '', e.due_at, p_at
      from event e join ledger_wallet w on w.id = e.wallet_id
  ), posted as (
    insert into ledger_posting (transaction_id, account, amount)
    select tx, from_account, -points from event
    union all
    select tx, to_account, points from event
  ), consumed as (
    insert into ledger_consumption (transaction_id, lot_id, amount)
    select tx, lot_id, points from event where kind = 'expire'
  ), changed as (
    update ledger_lot l
       set is_mature = l.is_mature or t.ripens,
           remaining = case when t.ends then 0 else l.remaining end,
           expired = l.expired + case when t.ends then l.remaining else 0 end
      from lot t where l.id = t.id
  )
  update ledger_wallet w
     set available = w.available + s.gain, pending = w.pending - s.left_pending
    from (select wallet_id, sum(gain) as gain,
                 sum(case when from_account = 'pending' then points else 0 end) as left_pending
            from event group by wallet_id) s
   where w.id = s.wallet_id
$$;

-- One wallet with debt or with holds that ran out, step by step in the order of the moments, whoever
-- looks and however late: what ripened first pays the debt, and a hold that is given back after its
-- lots have ended gives nothing.
create or replace function ledger_refresh_one(p_wallet bigint, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_due record;
begin
  loop
    select * into v_due from (
      select expires_at as at, 1 as turn, 0 as lot_id, id as hold_id from ledger_hold
       where wallet_id = p_wallet and status = 'open' and expires_at <= p_at
      union all
      select matures_at, 2, id, null from ledger_lot
       where wallet_id = p_wallet and not is_mature and matures_at <= p_at and remaining > 0
         and (expires_at is null or matures_at < expires_at)
      union all
      select expires_at, 3, id, null from ledger_lot
       where wallet_id = p_wallet and expires_at <= p_at and remaining > 0
         and matures_at is not null) as due
     order by at, turn, lot_id, hold_id limit 1;
    exit when not found;
    case v_due.turn
      when 1 then perform ledger_close_hold(v_due.hold_id, 'timed_out', v_due.at, p_at, '');
      when 2 then perform ledger_ripen(v_due.lot_id, p_at);
      else perform ledger_end(v_due.lot_id, v_due.at, p_at);
    end case;
  end loop;
end $$;

-- A lot matures, dated when it was due; it pays the debt first.
create or replace function ledger_ripen(p_lot bigint, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_lot ledger_lot;
  v_balance bigint;
  v_tx bigint;
begin
  update ledger_lot set is_mature = true where id = p_lot returning * into v_lot;
  update ledger_wallet set pending = pending - v_lot.remaining where id = v_lot.wallet_id
    returning available into v_balance;
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key,
      fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
  values (v_lot.wallet_id, 'mature', 0, v_balance + v_lot.remaining, 'mature:' || p_lot,
      '', 'lot', '', '', '', v_lot.matures_at, p_at)
  returning id into v_tx;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'pending', -v_lot.remaining), (v_tx, 'available', v_lot.remaining);
  perform ledger_credit(v_lot.wallet_id, v_lot.remaining, v_lot.matures_at, v_tx);
end $$;

-- What is left of a lot expires, dated p_due.
create or replace function ledger_end(p_lot bigint, p_due timestamptz, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_lot ledger_lot;
  v_balance bigint;
begin
  select * into v_lot from ledger_lot where id = p_lot;
  update ledger_wallet
     set available = available - case when v_lot.is_mature then v_lot.remaining else 0 end,
         pending = pending - case when v_lot.is_mature then 0 else v_lot.remaining end
   where id = v_lot.wallet_id returning available into v_balance;
  perform ledger_book_end(v_lot, p_due, p_at, v_balance);
end $$;

-- The entries of an end; the wallet is the caller's.
create or replace function ledger_book_end(
  p_lot ledger_lot, p_due timestamptz, p_at timestamptz, p_balance bigint
) returns void language plpgsql as $$
declare
  v_tx bigint;
begin
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key,
      fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
  values (p_lot.wallet_id, 'expire', -p_lot.remaining, p_balance,
      'expire:' || p_lot.id || ':' || p_lot.expired, '', 'lot', '', '', '', p_due, p_at)
  returning id into v_tx;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, case when p_lot.is_mature then 'available' else 'pending' end, -p_lot.remaining),
         (v_tx, 'breakage', p_lot.remaining);
  insert into ledger_consumption (transaction_id, lot_id, amount)
  values (v_tx, p_lot.id, p_lot.remaining);
  update ledger_lot set remaining = 0, expired = expired + p_lot.remaining where id = p_lot.id;
end $$;

-- Points have come into mature lots of which some are over: those expire at once, before they could
-- pay a debt, and are not counted in the wallet. Dated when they came, at the earliest. p_balance is
-- what is available with them. Returns how many went.
create or replace function ledger_lapse(
  p_wallet bigint, p_came timestamptz, p_by timestamptz, p_at timestamptz, p_balance bigint
) returns bigint language plpgsql as $$
declare
  v_lot ledger_lot;
  v_gone bigint := 0;
begin
  for v_lot in
    select * from ledger_lot
     where wallet_id = p_wallet and expires_at <= p_by and remaining > 0 and is_mature
     order by expires_at, id
  loop
    v_gone := v_gone + v_lot.remaining;
    perform ledger_book_end(v_lot, greatest(v_lot.expires_at, p_came), p_at, p_balance - v_gone);
  end loop;
  return v_gone;
end $$;

-- Lock a member's wallet, made at zero if it is not there, with all that was due booked. Raises JFM01
-- when it was poured into another: who still holds the old member's id looks again.
create or replace function ledger_open_wallet(p_member uuid, p_unit text, p_at timestamptz)
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
  if v_wallet.merged_into_id is not null then
    raise exception 'member % was merged', p_member using errcode = 'JFM01';
  end if;
  if v_wallet.next_change_at <= p_at then
    perform ledger_refresh(array[v_wallet.id], p_at);
    select * into v_wallet from ledger_wallet where id = v_wallet.id;
  end if;
  return v_wallet;
end $$;

-- Lots that waited for their order get their dates: items are [{source_id, matures_at, expires_at}],
-- one for each order. A lot whose end was not after its maturity lives until expires_at (null: for
-- ever), as if earned on the day it matures; one that lives by activity follows that as well. Mature
-- lots and those that have a date already stay as they are. Lots are found wherever a merge brought
-- them; the caller holds the orders, for which a merge waits. Returns the points that got a date.
create or replace function ledger_set_maturity(p_items jsonb, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_wallets bigint[];
  v_points bigint;
begin
  select array_agg(id) into v_wallets from (
    select w.id from ledger_wallet w
     where w.id in (select l.wallet_id from ledger_lot l
                     where l.source_id in (select (i->>'source_id')::uuid
                                             from jsonb_array_elements(p_items) as i)
                       and l.matures_at is null)
     order by w.id for update) as locked;
  if v_wallets is null then
    return 0;
  end if;
  with dated as (
    select l.id, greatest(i.matures_at, l.granted_at) as ripe_at, i.expires_at as later,
           case when l.idle_rule is null then l.expires_at
                else greatest(l.expires_at, ledger_idle_end(l.idle_rule, w.last_active_at)) end as ends_at
      from jsonb_to_recordset(p_items)
             as i(source_id uuid, matures_at timestamptz, expires_at timestamptz)
      join ledger_lot l on l.source_id = i.source_id and l.matures_at is null
      join ledger_wallet w on w.id = l.wallet_id
  ), changed as (
    update ledger_lot l
       set matures_at = d.ripe_at,
           expires_at = case when d.ends_at <= d.ripe_at then d.later else d.ends_at end
      from dated d where l.id = d.id
    returning l.remaining
  )
  select coalesce(sum(remaining), 0) into v_points from changed;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = any(v_wallets);
  perform ledger_refresh(v_wallets, p_at);
  return v_points;
end $$;
