-- One member's wallets are poured into another's, when the two turn out to be one person.

-- Everything in wallet p_from moves into wallet p_to, with its dates, payers, costs and sources: free,
-- pending and held points, and what is owed. Two transactions that mirror each other, as in a
-- transfer, keyed p.key and the first wallet. Both are locked and booked up to now by the caller.
create or replace function ledger_pour(p_from bigint, p_to bigint, p jsonb, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_from ledger_wallet;
  v_to ledger_wallet;
  v_total bigint;
  v_offset bigint;
  v_key text := (p->>'key') || ':' || p_from;
  v_active timestamptz;
  v_idles boolean;
  v_out bigint;
  v_in bigint;
begin
  select * into v_from from ledger_wallet where id = p_from;
  select * into v_to from ledger_wallet where id = p_to;
  v_total := v_from.available + v_from.pending + v_from.held - v_from.debt;
  update ledger_wallet set lifetime_earned = lifetime_earned + v_from.lifetime_earned
   where id = p_to;
  -- Of what ends on a day the person was told, under either name.
  insert into ledger_expirynotice (wallet_id, expires_date, days, told_at)
  select p_to, expires_date, days, told_at from ledger_expirynotice where wallet_id = p_from
  on conflict do nothing;
  delete from ledger_expirynotice where wallet_id = p_from;
  update ledger_wallet set available = 0, pending = 0, held = 0, debt = 0, lifetime_earned = 0,
         next_change_at = null where id = p_from;
  -- One person: whatever either did keeps all lots alive that live by activity.
  v_active := coalesce(v_from.last_active_at, ledger_last_activity(p_from));
  v_idles := v_from.last_active_at is not null or v_to.last_active_at is not null;
  perform ledger_keep_alive(p_to, v_active, p_at) where v_idles;
  if v_from.available + v_from.pending + v_from.held + v_from.debt = 0 then
    return;
  end if;
  v_out := ledger_book(p_from, 'transfer_out', -v_total, 0,
                       p || jsonb_build_object('key', v_key), p_at);
  v_in := ledger_book(p_to, 'transfer_in', v_total, v_to.available + v_from.available,
                      p || jsonb_build_object('key', v_key || ':in'), p_at);
  insert into ledger_posting (transaction_id, account, amount)
  select tx, account, sign * amount from
    (values ('available', -v_from.available), ('pending', -v_from.pending), ('held', -v_from.held),
            ('debt', v_from.debt), ('transfer', v_total)) as leg(account, amount),
    (values (v_out, 1), (v_in, -1)) as side(tx, sign)
   where amount <> 0;
  with old as materialized (
    select nextval('ledger_lot_id_seq') as new_id, l.* from (
      select * from ledger_lot where wallet_id = p_from and (remaining > 0 or held > 0)
       order by expires_at, granted_at, id) l
  ), drawn as (
    insert into ledger_consumption (transaction_id, lot_id, amount)
    select v_out, id, remaining + held from old
  ), made as (
    insert into ledger_lot (id, wallet_id, transaction_id, granted, remaining, held, expired,
        is_mature, granted_at, matures_at, expires_at, idle_rule, funding_source_id,
        unit_cost_micros, source_id)
    select new_id, p_to, v_in, remaining + held, remaining, held, 0, is_mature, granted_at,
           matures_at, expires_at, idle_rule, funding_source_id, unit_cost_micros, source_id
      from old
  ), parts as (
    update ledger_holdpart part set lot_id = old.new_id
      from old, ledger_hold h
     where part.lot_id = old.id and h.id = part.hold_id and h.status = 'open'
  )
  update ledger_lot l set remaining = 0, held = 0 from old where l.id = old.id;
  update ledger_hold set wallet_id = p_to where wallet_id = p_from and status = 'open';
  -- In one statement, as a wallet may never show both debt and available points.
  v_offset := least(v_to.debt + v_from.debt, v_to.available + v_from.available);
  update ledger_wallet set available = available + v_from.available - v_offset,
         pending = pending + v_from.pending, held = held + v_from.held,
         debt = debt + v_from.debt - v_offset
   where id = p_to;
  if v_offset > 0 then
    perform ledger_settle(p_to, v_offset, p_at, v_in);
  end if;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = p_to;
  perform ledger_keep_alive(p_to, null, p_at) where v_idles;
end $$;

-- Points came back into wallet p_wallet by transaction p_tx, of a member who was merged since: they go
-- where the rest went.
create or replace function ledger_pour_on(p_wallet bigint, p_tx bigint, p jsonb, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_to bigint;
begin
  select merged_into_id into v_to from ledger_wallet where id = p_wallet;
  if v_to is null then
    return;
  end if;
  perform 1 from ledger_wallet where id = v_to for update;
  perform ledger_refresh(array[v_to], p_at);
  perform ledger_pour(p_wallet, v_to, jsonb_build_object(
    'key', 'merge:' || p_tx, 'source_type', 'merge', 'source_id', gen_random_uuid(),
    'actor', coalesce(p->>'actor', '')), p_at);
end $$;

-- The wallet that stands for this one: itself, or the one it was poured into.
create or replace function ledger_standing_for(p_wallet ledger_wallet) returns ledger_wallet
language plpgsql stable as $$
begin
  if p_wallet.merged_into_id is not null then
    select * into p_wallet from ledger_wallet where id = p_wallet.merged_into_id;
  end if;
  return p_wallet;
end $$;

-- Book that so many available points paid what was owed; the wallet shows it already.
create or replace function ledger_settle(p_wallet bigint, p_offset bigint, p_at timestamptz, p_cause bigint)
returns void language plpgsql as $$
declare
  v_tx bigint;
begin
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
      source_type, reference, note, actor, reverses_id, occurred_at, posted_at)
  select p_wallet, 'debt_offset', 0, available, 'debt:' || p_cause, '', '', '', '', '', p_cause,
         p_at, p_at from ledger_wallet where id = p_wallet
  returning id into v_tx;
  if ledger_draw(p_wallet, v_tx, p_offset, '-infinity', true) <> p_offset then
    raise exception 'wallet % holds fewer points in lots than it shows', p_wallet;
  end if;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'available', -p_offset), (v_tx, 'debt', p_offset);
end $$;

-- All wallets of p.loser are poured into those of p.survivor, and remember it. All are locked first,
-- in order of their ids. Raises JFM01 when one of the two was merged already.
create or replace function ledger_merge(p jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_loser uuid := (p->>'loser')::uuid;
  v_survivor uuid := (p->>'survivor')::uuid;
  v_pair record;
begin
  insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
  -- Of every unit: a wallet that somebody is opening just now is waited for here, not left behind.
  select m, unit, 0, 0, 0, 0, 0 from unnest(array['cash', 'growth', 'points']) as unit,
    unnest(array[least(v_loser, v_survivor), greatest(v_loser, v_survivor)]) as m
   order by m, unit
  on conflict (member_id, unit) do nothing;
  perform 1 from ledger_wallet
    where member_id in (v_loser, v_survivor) order by id for update;
  if exists (select 1 from ledger_wallet where member_id in (v_loser, v_survivor)
                and merged_into_id is not null) then
    raise exception 'one of the two was merged' using errcode = 'JFM01';
  end if;
  perform ledger_refresh(array_agg(id), p_at) from ledger_wallet
    where member_id in (v_loser, v_survivor);
  for v_pair in
    select a.id as loser, b.id as survivor from ledger_wallet a
      join ledger_wallet b on b.unit = a.unit and b.member_id = v_survivor
     where a.member_id = v_loser order by a.id
  loop
    perform ledger_pour(v_pair.loser, v_pair.survivor, p, p_at);
    -- Those who were poured into the loser's wallet before lead to the survivor's now.
    update ledger_wallet set merged_into_id = v_pair.survivor
     where id = v_pair.loser or merged_into_id = v_pair.loser;
  end loop;
end $$;
