-- A member's wallet, and those that were poured into it when members were merged.
create or replace function ledger_wallets_of(p_member uuid, p_unit text) returns setof bigint
language plpgsql stable as $$
declare
  v_wallet bigint;
begin
  select id into v_wallet from ledger_wallet where member_id = p_member and unit = p_unit;
  return next v_wallet;
  return query select id from ledger_wallet where merged_into_id = v_wallet;
end $$;

-- What was available to a member at a moment, by the dates of the entries; entries that are due but
-- not yet booked count as if they were.
create or replace function ledger_available_at(p_member uuid, p_unit text, p_moment timestamptz)
returns bigint language sql stable as $$
  select sum(coalesce((
    select sum(p.amount) from ledger_transaction t
      join ledger_posting p on p.transaction_id = t.id and p.account = 'available'
     where t.wallet_id = w.id and t.occurred_at <= p_moment), 0)
  + coalesce((
    select sum(case
             when l.is_mature and l.expires_at <= p_moment then -l.remaining
             when not l.is_mature and l.matures_at <= p_moment
                  and (l.expires_at is null or l.expires_at > p_moment) then l.remaining
             else 0 end)
      from ledger_lot l where l.wallet_id = w.id and l.remaining > 0), 0)
  + coalesce((
    select sum(h.points) from ledger_hold h
     where h.wallet_id = w.id and h.status = 'open' and h.expires_at <= p_moment), 0))::bigint
    from ledger_wallet w where w.id in (select ledger_wallets_of(p_member, p_unit))
$$;


-- [id, code, cost of a point in micros] of a funding source.
create or replace function ledger_payer(p_code text) returns jsonb language plpgsql stable as $$
begin
  return (select jsonb_build_array(id, code, unit_cost_micros)
            from ledger_fundingsource where code = p_code);
end $$;

-- Balances of these members' wallets, with what was due by p_at booked first; members without a
-- wallet are left out: [[member, available, pending, held, debt, lifetime_earned], …].
create or replace function ledger_balances(p_members uuid[], p_unit text, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_due bigint[];
begin
  select array_agg(id) into v_due from ledger_wallet
   where member_id = any(p_members) and unit = p_unit and next_change_at <= p_at;
  if v_due is not null then
    perform ledger_refresh(v_due, p_at);
  end if;
  return (select coalesce(jsonb_agg(jsonb_build_array(
                   member_id, available, pending, held, debt, lifetime_earned)), '[]')
            from ledger_wallet where member_id = any(p_members) and unit = p_unit);
end $$;
