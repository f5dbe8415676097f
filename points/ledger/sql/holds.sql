-- Set points aside. p.hold_id names the new hold, p.expires_at its end.
create or replace function ledger_hold_points(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
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
create or replace function ledger_close_hold(p_hold uuid, p_status text, p_occurred timestamptz,
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
  perform ledger_credit(v_hold.wallet_id, v_hold.points - ledger_lapse(
    v_hold.wallet_id, p_occurred, p_occurred, p_at, v_balance + v_hold.points), p_occurred, v_tx);
  return v_tx;
end $$;

-- Lock the wallet of a hold and book what was due there (the hold itself may just have run out).
create or replace function ledger_open_hold(p_hold uuid, p_at timestamptz) returns ledger_hold
language plpgsql as $$
declare
  v_hold ledger_hold;
begin
  select * into v_hold from ledger_hold where id = p_hold;
  if not found then
    return null;
  end if;
  loop
    perform 1 from ledger_wallet where id = v_hold.wallet_id for update;
    -- While we waited the hold may have moved with its member into another wallet.
    exit when exists (
      select 1 from ledger_hold where id = p_hold and wallet_id = v_hold.wallet_id);
    select * into v_hold from ledger_hold where id = p_hold;
  end loop;
  perform ledger_refresh(array[v_hold.wallet_id], p_at);
  select * into v_hold from ledger_hold where id = p_hold;
  return v_hold;
end $$;

create or replace function ledger_release(p_hold uuid, p_at timestamptz, p_actor text) returns jsonb
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
create or replace function ledger_capture(p_hold uuid, p jsonb, p_at timestamptz) returns jsonb
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
  if v_wallet.last_active_at is not null then
    perform ledger_keep_alive(v_wallet.id, p_at, p_at);
  end if;
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
  perform ledger_tell(v_wallet.unit, 'spent', v_wallet.member_id, v_tx, v_hold.points,
                      v_hold.reference, p_at);
  update ledger_wallet set held = held - v_hold.points where id = v_wallet.id;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_wallet.id;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'points', v_hold.points);
end $$;
