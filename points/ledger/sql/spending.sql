-- One row of the ledger for a movement in one wallet.
create or replace function ledger_book(
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
create or replace function ledger_replay(p jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('transaction_id', id, 'is_new', false, 'balance', balance_after,
           'is_same', fingerprint = coalesce(p->>'fingerprint', ''))
    from ledger_transaction where source_key = p->>'key'
$$;

-- Tell that something moved: `points.spent`, or `cash.spent` of a cash wallet. Growth counts as points
-- where it is told at all.
create or replace function ledger_tell(p_unit text, p_what text, p_member uuid, p_tx bigint,
  p_amount bigint, p_reference text, p_at timestamptz) returns void language sql as $$
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  values (gen_random_uuid(), case p_unit when 'cash' then 'cash.' else 'points.' end || p_what,
          p_member::text,
          jsonb_build_object('transaction_id', p_tx::text, 'member_id', p_member,
                             'amount', p_amount, 'reference', p_reference), p_at, 0)
$$;

-- Spend: draw from the lots in order, post to p.account (redemption, adjustment, …).
-- Refuses with {"refused": …} when less is available; nothing is changed then.
create or replace function ledger_spend(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
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
  if v_wallet.last_active_at is not null and p->>'kind' = 'spend' then
    perform ledger_keep_alive(v_wallet.id, p_at, p_at);
  end if;
  v_tx := ledger_book(v_wallet.id, p->>'kind', -v_amount, v_wallet.available - v_amount, p, p_at);
  if ledger_draw(v_wallet.id, v_tx, v_amount, p_at, true) <> v_amount then
    raise exception 'wallet % holds fewer points in lots than it shows', v_wallet.id;
  end if;
  insert into ledger_posting (transaction_id, account, amount)
  values (v_tx, 'available', -v_amount), (v_tx, p->>'account', v_amount);
  -- A payout is told as a withdrawal, by whoever asked for it.
  perform ledger_tell(v_wallet.unit, 'spent', v_wallet.member_id, v_tx, v_amount, p->>'reference',
                      p_at) where p->>'kind' <> 'payout';
  update ledger_wallet set available = available - v_amount where id = v_wallet.id;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
                            'balance', v_wallet.available - v_amount);
end $$;

-- Return spent points to the lots they came from, last drawn first, with their old expiry. A lot
-- that has expired meanwhile takes its points back and expires at once: nothing is left of them,
-- and both entries stand in the ledger; with p.grace_until it lives until then instead.
-- p.amount null: all that can still be returned. p.kind: payout_return instead of refund_spent.
create or replace function ledger_return(p_original bigint, p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_original ledger_transaction;
  v_wallet ledger_wallet;
  v_seen jsonb;
  v_left bigint;
  v_amount bigint;
  v_grace timestamptz := (p->>'grace_until')::timestamptz;
  v_active timestamptz;
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
  v_active := (ledger_standing_for(v_wallet)).last_active_at;
  v_tx := ledger_book(v_wallet.id, coalesce(p->>'kind', 'refund_spent'), v_amount,
                      v_wallet.available + v_amount, p, p_at, p_original);
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
    update ledger_lot l
       set remaining = l.remaining + b.amount,
           expires_at = ledger_end_on_return(l, v_active, v_grace, p_at)
      from back b where l.id = b.lot_id
  )
  insert into ledger_consumption (transaction_id, lot_id, amount, reverses_id)
  select v_tx, lot_id, -amount, p_original from back;
  insert into ledger_posting (transaction_id, account, amount)
  select v_tx, account, -v_amount from ledger_posting
   where transaction_id = p_original and account not in ('available', 'held')
  union all select v_tx, 'available', v_amount;
  perform ledger_credit(v_wallet.id, v_amount - ledger_lapse(
    v_wallet.id, p_at, p_at, p_at, v_wallet.available + v_amount), p_at, v_tx);
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_wallet.id;
  perform ledger_pour_on(v_wallet.id, v_tx, p, p_at) where v_wallet.merged_into_id is not null;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
                            'returned', v_amount);
end $$;
