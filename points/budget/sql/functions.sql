-- Taking from pots (rules.md §12): exact under any number of callers, without one row for all.
--
-- Locks: pots in order of their ids, in a pot its slots in order. A transaction that takes from a
-- pot more than once locks all of its slots first (budget_lock).

-- The period of a pot that a local day belongs to, made with its slots if it is not there.
create or replace function budget_period(p_pot bigint, p_day date) returns bigint
language plpgsql as $$
declare
  v_pot budget_pot;
  v_start date;
  v_period bigint;
begin
  select * into v_pot from budget_pot where id = p_pot;
  v_start := case v_pot.period when 'month' then date_trunc('month', p_day)::date
                               else date '1970-01-01' end;
  select id into v_period from budget_potperiod where pot_id = p_pot and starts_on = v_start;
  if found then
    return v_period;
  end if;
  insert into budget_potperiod (pot_id, starts_on, fixed_amount)
  values (p_pot, v_start, v_pot.amount) on conflict (pot_id, starts_on) do nothing
  returning id into v_period;
  if v_period is null then  -- somebody else made it, and has committed
    select id into v_period from budget_potperiod where pot_id = p_pot and starts_on = v_start;
    return v_period;
  end if;
  insert into budget_potslot (period_id, slot, limit_amount, left_amount)
  select v_period, slot, share, share
    from (select slot, v_pot.amount / 16 + (slot < v_pot.amount % 16)::int as share
            from generate_series(0, 15) as slot) as shares;
  return v_period;
end $$;

-- Lock all slots of these periods, in order.
create or replace function budget_lock(p_periods bigint[]) returns void language sql as $$
  select 1 from budget_potslot where period_id = any(p_periods)
   order by period_id, slot for update
$$;

-- Gather what came in since: all slots are locked, and the rest of the period is answered, which the
-- caller has to spread.
create or replace function budget_gather(p_period bigint) returns bigint language plpgsql as $$
declare
  v_left bigint;
  v_came bigint;
  v_limit bigint;
begin
  perform budget_lock(array[p_period]);
  with came as (
    delete from budget_potincome where period_id = p_period returning amount, limit_amount
  )
  select coalesce(sum(amount), 0), coalesce(sum(limit_amount), 0) into v_came, v_limit from came;
  update budget_potslot set limit_amount = limit_amount + v_limit
   where period_id = p_period and slot = 0 and v_limit <> 0;
  select sum(left_amount) + v_came into v_left from budget_potslot where period_id = p_period;
  return v_left;
end $$;

-- Share out what is left anew, so that each slot can serve again; a deficit lies in slot 0.
create or replace function budget_spread(p_period bigint, p_left bigint) returns void
language sql as $$
  update budget_potslot
     set left_amount = case when p_left >= 0 then p_left / 16 + (slot < p_left % 16)::int
                            when slot = 0 then p_left else 0 end
   where period_id = p_period
$$;

-- Take an amount, or nothing at all; p_forced goes below zero rather than refuse.
create or replace function budget_take(p_period bigint, p_amount bigint, p_forced boolean)
returns boolean language plpgsql as $$
declare
  v_slot int;
  v_left bigint;
begin
  select slot into v_slot from budget_potslot
   where period_id = p_period and left_amount >= p_amount
     and (select left_amount from budget_potslot where period_id = p_period and slot = 0) >= 0
   order by random() limit 1;
  if found then
    -- An update that has waited keeps its lock even when the row no longer fits. Undoing it lets go,
    -- as nobody may hold a slot while he waits for all of them in order.
    begin
      update budget_potslot set left_amount = left_amount - p_amount
       where period_id = p_period and slot = v_slot and left_amount >= p_amount;
      if found then
        return true;
      end if;
      raise exception 'slot % was emptied meanwhile', v_slot using errcode = 'JF001';
    exception when sqlstate 'JF001' then
      null;
    end;
  end if;
  -- Too little in all of them needs no lock: what others take meanwhile only makes it less.
  select (select sum(left_amount) from budget_potslot where period_id = p_period)
       + (select coalesce(sum(amount), 0) from budget_potincome where period_id = p_period)
    into v_left;
  if v_left < p_amount and not p_forced then
    return false;
  end if;
  v_left := budget_gather(p_period);
  if v_left < p_amount and not p_forced then
    perform budget_spread(p_period, v_left);
    return false;
  end if;
  perform budget_spread(p_period, v_left - p_amount);
  return true;
end $$;

-- Something comes in, or (negative) goes: it lies beside the slots until somebody gathers it, so
-- that whoever brings it waits for nobody. p_limit: how much the limit moves with it.
create or replace function budget_bring(p_period bigint, p_amount bigint, p_limit bigint)
returns void language sql as $$
  insert into budget_potincome (period_id, amount, limit_amount) values (p_period, p_amount, p_limit)
$$;

-- Revenue came in (or, negative, went back): pots that live of a share of it grow and shrink.
create or replace function budget_revenue(p_cents bigint, p_day date) returns void
language plpgsql as $$
declare
  v_pot record;
  v_period bigint;
  v_amount bigint;
begin
  for v_pot in select id, revenue_rate from budget_pot
                where revenue_rate is not null and is_open order by id loop
    v_amount := floor(p_cents * v_pot.revenue_rate * 1000000)::bigint;
    continue when v_amount = 0;
    v_period := budget_period(v_pot.id, p_day);
    perform budget_bring(v_period, v_amount, v_amount);
    if v_amount < 0 then  -- at once, or slots would give what is no longer there
      perform budget_spread(v_period, budget_gather(v_period));
    end if;
  end loop;
end $$;

-- Points a transaction took back come back to the budgets of those who paid for them; p_face is what
-- a point costs that has no price.
create or replace function budget_return(p_transaction bigint, p_day date, p_face bigint)
returns void language plpgsql as $$
declare
  v_back record;
begin
  for v_back in
    select p.id, sum(l.amount) * case p.measure when 'points' then 1
             else coalesce(nullif(f.unit_cost_micros, 0), p_face) end as amount
      from ledger_posting l
      join ledger_fundingsource f on l.account = 'issuance:' || f.code
      join budget_pot p on p.owner = 'funding:' || f.id and p.is_open
     where l.transaction_id = p_transaction and l.amount > 0
     group by p.id, p.measure, f.unit_cost_micros
  loop
    perform budget_bring(budget_period(v_back.id, p_day), v_back.amount::bigint, 0);
  end loop;
end $$;
