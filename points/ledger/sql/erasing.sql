-- What the ledger does when a person is erased: the sums stay, what names the person goes.

-- All that p.member still has goes to breakage: holds are released, and what is free or pending then
-- leaves its lots. Answers {"owned": points of all units}; with p.only_look nothing is changed.
create or replace function ledger_forfeit(p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_member uuid := (p->>'member')::uuid;
  v_wallet ledger_wallet;
  v_hold uuid;
  v_owned bigint := 0;
  v_tx bigint;
begin
  perform 1 from ledger_wallet where member_id = v_member order by id for update;
  perform ledger_refresh(array_agg(id), p_at) from ledger_wallet where member_id = v_member;
  for v_wallet in select * from ledger_wallet where member_id = v_member order by id loop
    if v_wallet.merged_into_id is not null then
      raise exception 'member % was merged', v_member using errcode = 'JFM01';
    end if;
    v_owned := v_owned + v_wallet.available + v_wallet.pending + v_wallet.held;
    continue when (p->>'only_look')::boolean;
    for v_hold in select id from ledger_hold
                   where wallet_id = v_wallet.id and status = 'open' order by id loop
      perform ledger_close_hold(v_hold, 'released', p_at, p_at, p->>'actor');
    end loop;
    perform ledger_refresh(array[v_wallet.id], p_at);
    select * into v_wallet from ledger_wallet where id = v_wallet.id;
    continue when v_wallet.available + v_wallet.pending = 0;
    v_tx := ledger_book(v_wallet.id, 'expire', -v_wallet.available - v_wallet.pending, 0,
                        p || jsonb_build_object('key', (p->>'key') || ':' || v_wallet.unit), p_at);
    insert into ledger_consumption (transaction_id, lot_id, amount)
    select v_tx, id, remaining from ledger_lot where wallet_id = v_wallet.id and remaining > 0;
    update ledger_lot set expired = expired + remaining, remaining = 0
     where wallet_id = v_wallet.id and remaining > 0;
    insert into ledger_posting (transaction_id, account, amount)
    select v_tx, account, amount from (values ('available', -v_wallet.available),
      ('pending', -v_wallet.pending), ('breakage', v_wallet.available + v_wallet.pending)
    ) as leg(account, amount) where amount <> 0;
    update ledger_wallet set available = 0, pending = 0, next_change_at = null
     where id = v_wallet.id;
  end loop;
  return jsonb_build_object('owned', v_owned);
end $$;

-- Empty the notes of corrections of members who were erased, and the reasons for which their points
-- live longer: all in the ledger in which a person may be named. The product's own role may not change what happened, so this runs with the
-- owner's rights, on erased members alone (ADR 0037).
create or replace function ledger_forget_notes(p_members uuid[]) returns void
language plpgsql security definer as $$
begin
  update ledger_transaction t set note = ''
    from ledger_wallet w join members_member m on m.id = w.member_id
   where t.wallet_id = w.id and w.member_id = any(p_members) and m.erased_at is not null
     and t.kind = 'adjust' and t.note <> '';
  update ledger_walletwalk w set details = w.details || '{"reason": ""}'
   where w.purpose = 'extension' and w.details->>'member' = any(p_members::text[]);
end $$;
