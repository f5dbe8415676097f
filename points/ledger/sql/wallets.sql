-- The ledger's stored functions, in several files: every change of a balance is one call of one.
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
