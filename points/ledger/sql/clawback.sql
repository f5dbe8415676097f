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
    perform ledger_tell('points.clawed_back', v_wallet.member_id, v_tx, v_amount - v_left,
                        p->>'reference', p_at) where v_wallet.unit <> 'growth';
    update ledger_wallet set pending = pending - v_pending,
           available = available - v_own - v_other, debt = debt + v_debt
     where id = v_wallet.id;
  end if;
  return jsonb_build_object('transaction_id', v_tx, 'is_new', true, 'is_same', true,
    'own_pending', v_pending, 'own_lots', v_own, 'other_lots', v_other, 'debt', v_debt,
    'uncovered', v_left);
end $$;
