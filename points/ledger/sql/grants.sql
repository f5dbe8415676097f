-- Grant: each item becomes a transaction, two postings, a lot and an outbox event (growth is told of
-- as a change of tier, if it leads to one; an opening balance was earned elsewhere). Items whose
-- source key is known are left out. One answer per item, in order: [the transaction, whether this
-- call made it, whether its fingerprint is the one first sent, points left in the new lot].
-- An item matures at matures_at, or at once without it; with `is_waiting` its date is not known yet
-- (see ledger_set_maturity).
create or replace function ledger_grant(p_items jsonb, p_at timestamptz, p_actor text)
returns jsonb language plpgsql as $$
begin
  if jsonb_array_length(p_items) = 1 then
    return jsonb_build_array(ledger_grant_one(p_items -> 0, p_at, p_actor));
  end if;
  return ledger_grant_many(p_items, p_at, p_actor);
end $$;

-- Topic of the event that says a grant came.
create or replace function ledger_told_as(p_unit text) returns text language sql immutable as $$
  select case p_unit when 'cash' then 'cash.received' else 'points.earned' end
$$;

-- What most calls are. It writes what ledger_grant_many writes, row by row: a fourth of its time,
-- as no set of one has to be planned for, spooled and joined.
create or replace function ledger_grant_one(p jsonb, p_at timestamptz, p_actor text)
returns jsonb language plpgsql as $$
declare
  v_wallet ledger_wallet;
  v_seen record;
  v_amount bigint := (p->>'amount')::bigint;
  v_occurred timestamptz := (p->>'occurred_at')::timestamptz;
  v_ripe_at timestamptz := case when (p->>'is_waiting')::boolean then null
                                else coalesce((p->>'matures_at')::timestamptz, v_occurred) end;
  v_expires timestamptz := (p->>'expires_at')::timestamptz;
  v_source uuid := (p->>'source_id')::uuid;
  v_idle_rule text := p->>'idle_rule';
  v_is_ripe boolean := coalesce(v_ripe_at <= p_at, false);
  v_is_earned boolean := p->>'kind' in ('earn', 'opening');
  v_tx bigint;
  v_left bigint := v_amount;
begin
  v_wallet := ledger_open_wallet((p->>'member')::uuid, p->>'unit', p_at);
  select id, fingerprint into v_seen from ledger_transaction where source_key = p->>'key';
  if found then
    return jsonb_build_array(v_seen.id, false, v_seen.fingerprint = p->>'fingerprint', 0);
  end if;
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
      source_type, source_id, reference, note, actor, occurred_at, posted_at)
  values (v_wallet.id, p->>'kind', v_amount,
      v_wallet.available + case when v_is_ripe then v_amount else 0 end, p->>'key',
      p->>'fingerprint', p->>'source_type', v_source, p->>'reference', p->>'note', p_actor,
      v_occurred, p_at)
  returning id into v_tx;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, case when v_is_ripe then 'available' else 'pending' end, v_amount),
         (v_tx, p->>'account', -v_amount);
  insert into ledger_lot (wallet_id, transaction_id, granted, remaining, held, expired, is_mature,
      granted_at, matures_at, expires_at, idle_rule, funding_source_id, unit_cost_micros, source_id)
  values (v_wallet.id, v_tx, v_amount, v_amount, 0, 0, v_is_ripe, v_occurred, v_ripe_at, v_expires,
      v_idle_rule, (p->>'funding_source_id')::bigint, (p->>'unit_cost_micros')::bigint, v_source);
  if v_wallet.unit <> 'growth' and p->>'kind' <> 'opening' then
    insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
    values (gen_random_uuid(), ledger_told_as(v_wallet.unit), v_wallet.member_id::text,
        jsonb_build_object('transaction_id', v_tx::text, 'member_id', v_wallet.member_id,
            'unit', v_wallet.unit, 'amount', v_amount, 'reference', p->>'reference'), v_occurred, 0);
  end if;
  update ledger_wallet
     set pending = pending + case when v_is_ripe then 0 else v_amount end,
         available = available + case when v_is_ripe and debt = 0 then v_amount else 0 end,
         lifetime_earned = lifetime_earned + case when v_is_earned then v_amount else 0 end,
         next_change_at = least(next_change_at,
           case when v_is_ripe then v_expires
                when v_ripe_at is not null then least(v_ripe_at, v_expires) end)
   where id = v_wallet.id;
  if v_idle_rule is not null or v_wallet.last_active_at is not null then
    perform ledger_keep_alive(v_wallet.id,
      case when p->>'kind' = 'earn' then v_occurred end, p_at);
  end if;
  if v_wallet.debt > 0 and v_is_ripe then
    perform ledger_credit(v_wallet.id, v_amount - ledger_lapse(
      v_wallet.id, '-infinity', p_at, p_at, v_wallet.available + v_amount), p_at, v_tx);
    select remaining into v_left from ledger_lot where transaction_id = v_tx;
  end if;
  return jsonb_build_array(v_tx, true, true, v_left);
end $$;

create or replace function ledger_grant_many(p_items jsonb, p_at timestamptz, p_actor text)
returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  v_due bigint[];
  v_in_debt boolean;
  v_is_merged boolean;
  v_idles boolean;
  v_brings_idle boolean;
  v_new bigint[];
begin
  insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
  select distinct i.member, i.unit, 0, 0, 0, 0, 0
    from jsonb_to_recordset(p_items) as i(member uuid, unit text)
   where not exists (select 1 from ledger_wallet w where w.member_id = i.member and w.unit = i.unit)
   order by i.member, i.unit
  on conflict (member_id, unit) do nothing;

  with locked as (
    select w.id, w.next_change_at, w.debt, w.last_active_at, w.merged_into_id from ledger_wallet w
     where (w.member_id, w.unit) in
           (select i.member, i.unit from jsonb_to_recordset(p_items) as i(member uuid, unit text))
     order by w.id for update
  )
  select array_agg(l.id) filter (where l.next_change_at <= p_at), bool_or(l.debt > 0),
         bool_or(l.last_active_at is not null), bool_or(l.merged_into_id is not null)
    into v_due, v_in_debt, v_idles, v_is_merged from locked l;
  if v_is_merged then
    raise exception 'a member was merged' using errcode = 'JFM01';
  end if;
  if v_due is not null then
    perform ledger_refresh(v_due, p_at);
  end if;

  -- Ids are drawn first, so that every insert below reads the items and none has to be joined.
  with item as materialized (
    select nextval('ledger_transaction_id_seq') as tx, ordered.* from (
      select known.* from (
        select distinct on (i.key) i.*, w.id as wallet_id, w.available, w.debt,
               case when not coalesce(i.is_waiting, false)
                    then coalesce(i.matures_at, i.occurred_at) end as ripe_at
          from rows from (jsonb_to_recordset(p_items) as (
                 member uuid, unit text, kind text, amount bigint, key text, fingerprint text,
                 occurred_at timestamptz, matures_at timestamptz, is_waiting boolean,
                 expires_at timestamptz, idle_rule text, funding_source_id bigint, account text, unit_cost_micros bigint,
                 source_type text, source_id uuid, reference text, note text)) with ordinality
               as i(member, unit, kind, amount, key, fingerprint, occurred_at, matures_at, is_waiting,
                    expires_at, idle_rule, funding_source_id, account, unit_cost_micros,
                    source_type, source_id, reference, note, ord)
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
        granted_at, matures_at, expires_at, idle_rule, funding_source_id, unit_cost_micros,
        source_id)
    select wallet_id, tx, amount, amount, 0, 0, coalesce(ripe_at <= p_at, false), occurred_at,
           ripe_at, expires_at,
           idle_rule, funding_source_id, unit_cost_micros, source_id
      from item
  ), told as (
    insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
    select gen_random_uuid(), ledger_told_as(unit), member::text,
           jsonb_build_object('transaction_id', tx::text, 'member_id', member, 'unit', unit,
                              'amount', amount, 'reference', reference), occurred_at, 0
      from item where unit <> 'growth' and kind <> 'opening'
  ), paid as (
    update ledger_wallet w
       set pending = w.pending + s.pending,
           available = w.available + case when w.debt = 0 then s.ripe else 0 end,
           lifetime_earned = w.lifetime_earned + s.earned,
           next_change_at = least(w.next_change_at, s.next_change_at)
      from (select wallet_id,
                   sum(case when ripe_at <= p_at then 0 else amount end) as pending,
                   sum(case when ripe_at <= p_at then amount else 0 end) as ripe,
                   sum(case when kind in ('earn', 'opening') then amount else 0 end) as earned,
                   min(case when ripe_at > p_at then least(ripe_at, expires_at)
                            when ripe_at is not null then expires_at end) as next_change_at
              from item group by wallet_id) s
     where w.id = s.wallet_id
  )
  select coalesce(array_agg(tx), '{}'), bool_or(idle_rule is not null)
    into v_new, v_brings_idle from item;

  if v_idles or v_brings_idle then
    perform ledger_keep_alive(s.id, s.active_at, p_at)
       from (select w.id, max(t.occurred_at) filter (where t.kind = 'earn') as active_at
               from ledger_transaction t
               join ledger_lot l on l.transaction_id = t.id
               join ledger_wallet w on w.id = t.wallet_id
              where t.id = any(v_new)
              group by w.id
             having w.last_active_at is not null or bool_or(l.idle_rule is not null)) s;
  end if;

  -- Wallets in debt, of which there are few: what became available pays it first.
  if v_in_debt then
    perform ledger_credit(s.id, s.gain - ledger_lapse(s.id, '-infinity', p_at, p_at, s.gain), p_at, s.tx)
       from (select w.id, sum(l.granted)::bigint as gain, max(l.transaction_id) as tx
               from ledger_lot l join ledger_wallet w on w.id = l.wallet_id and w.debt > 0
              where l.transaction_id = any(v_new) and l.is_mature
              group by w.id) s;
  end if;

  return (
    select coalesce(jsonb_agg(jsonb_build_array(t.id, t.id = any(v_new), t.fingerprint = i.fingerprint,
             case when t.id <> all(v_new) then 0
                  when v_in_debt then
                    (select l.remaining from ledger_lot l where l.transaction_id = t.id)
                  else i.amount end)
             order by i.ord), '[]')
      from rows from (jsonb_to_recordset(p_items) as (key text, fingerprint text, amount bigint))
           with ordinality as i(key, fingerprint, amount, ord)
      join ledger_transaction t on t.source_key = i.key);
end $$;
