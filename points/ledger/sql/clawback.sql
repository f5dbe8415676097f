-- Take earned points back (rules.md §4): the source's own pending lots, what is left of its own
-- lots, other lots, then debt up to the limit. Every step is answered with its points; what no step
-- could take is `uncovered`, for the caller to net or to write down.
create or replace function ledger_clawback(p jsonb, p_at timestamptz) returns jsonb language plpgsql as $$
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
    perform ledger_tell(v_wallet.unit, 'clawed_back', v_wallet.member_id, v_tx, v_amount - v_left,
                        p->>'reference', p_at) where v_wallet.unit <> 'growth';
    update ledger_wallet set pending = pending - v_pending,
           available = available - v_own - v_other, debt = debt + v_debt
     where id = v_wallet.id;
  end if;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
    'own_pending', v_pending, 'own_lots', v_own, 'other_lots', v_other, 'debt', v_debt,
    'uncovered', v_left);
end $$;

-- Give back what a clawback took, to the lots it was taken from. Of the part that had become debt,
-- what is still owed is forgiven; `rest` is what later points have paid of it meanwhile: the caller
-- grants that anew. A lot that is over expires again at once, or lives until p.grace_until.
create or replace function ledger_undo_clawback(p_original bigint, p jsonb, p_at timestamptz)
returns jsonb language plpgsql as $$
declare
  v_original ledger_transaction;
  v_wallet ledger_wallet;
  v_now ledger_wallet;
  v_seen jsonb;
  v_grace timestamptz := (p->>'grace_until')::timestamptz;
  v_account text;
  v_ripe bigint;
  v_pending bigint;
  v_debt bigint;
  v_forgiven bigint;
  v_back bigint;
  v_tx bigint;
begin
  select * into v_original from ledger_transaction where id = p_original;
  perform 1 from ledger_wallet where id = v_original.wallet_id for update;
  perform ledger_refresh(array[v_original.wallet_id], p_at);
  v_seen := ledger_replay(p);
  if v_seen is not null then
    return v_seen;
  end if;
  select * into v_wallet from ledger_wallet where id = v_original.wallet_id;
  v_now := ledger_standing_for(v_wallet);
  select coalesce(sum(c.amount) filter (where l.is_mature), 0),
         coalesce(sum(c.amount) filter (where not l.is_mature), 0)
    into v_ripe, v_pending
    from ledger_consumption c join ledger_lot l on l.id = c.lot_id
   where c.transaction_id = p_original;
  select coalesce(-sum(amount), 0) into v_debt
    from ledger_posting where transaction_id = p_original and account = 'debt';
  v_forgiven := least(v_debt, v_wallet.debt);
  v_back := v_ripe + v_pending + v_forgiven;
  if v_back > 0 then
    v_tx := ledger_book(v_wallet.id, 'clawback', v_back, v_wallet.available + v_ripe, p, p_at,
                        p_original);
    update ledger_lot l
       set remaining = l.remaining + c.amount,
           expires_at = ledger_end_on_return(l, v_now.last_active_at, v_grace, p_at)
      from ledger_consumption c where c.transaction_id = p_original and l.id = c.lot_id;
    insert into ledger_consumption (transaction_id, lot_id, amount, reverses_id)
    select v_tx, lot_id, -amount, p_original from ledger_consumption
     where transaction_id = p_original;
    select account into v_account from ledger_posting
     where transaction_id = p_original and account like 'issuance:%' order by account limit 1;
    insert into ledger_posting (transaction_id, account, amount)
    select v_tx, account, sum(amount) from (
      select 'issuance:' || f.code as account, -c.amount as amount
        from ledger_consumption c
        join ledger_lot l on l.id = c.lot_id
        join ledger_fundingsource f on f.id = l.funding_source_id
       where c.transaction_id = p_original
      union all select coalesce(v_account, 'issuance:merchant'), -v_forgiven
      union all values ('pending', v_pending), ('available', v_ripe), ('debt', v_forgiven)
    ) as leg where amount <> 0 group by account having sum(amount) <> 0;
    update ledger_wallet set pending = pending + v_pending, debt = debt - v_forgiven
     where id = v_wallet.id;
    perform ledger_tell(v_wallet.unit, 'restored', v_now.member_id, v_tx, v_back, p->>'reference',
                        p_at);
    perform ledger_credit(v_wallet.id, v_ripe - ledger_lapse(
      v_wallet.id, p_at, p_at, p_at, v_wallet.available + v_ripe), p_at, v_tx);
    update ledger_wallet set next_change_at = ledger_next_change(id) where id = v_wallet.id;
    perform ledger_refresh(array[v_wallet.id], p_at);
    perform ledger_pour_on(v_wallet.id, v_tx, p, p_at) where v_wallet.merged_into_id is not null;
  end if;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
    'restored', v_back, 'rest', v_debt - v_forgiven);
end $$;
