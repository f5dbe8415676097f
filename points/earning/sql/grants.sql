-- Granting what rules award: limits and budgets are judged here, under the locks that make them
-- exact, in one call for one award or for all those of a thousand orders.
--
-- Locks: wallets in order of their ids, then coupon templates in order of theirs, then pots in order of
-- their ids, then their slots in order.

-- Items as for ledger_grant; one of a rule has besides: award_id, rule_id, version, planned amount
-- `amount`, `is_claimable`, `day` (local day of the occurrence), `counts`: [[period, most times or
-- null, most points or null], …], `pots`: [[pot, cost of a point in the pot's measure, may it go
-- below zero, reason when refused], …]. With `coupon`, as `coupons_issue` takes one of a single row
-- (besides "at"; or {"why"}), it gives that coupon, and `amount` is 0.
-- Answers in the order of the items: [points granted, reason, transaction or null, whether this
-- call made it, whether its contents are those first sent, points left in the new lot].
create or replace function earning_grant(p_items jsonb, p_at timestamptz, p_actor text)
returns jsonb language plpgsql as $$
declare
  v_item jsonb;
  v_outcome record;
  -- Arrays grow in place; a jsonb that grows is copied each time.
  v_amounts bigint[] := '{}';
  v_reasons text[] := '{}';
  v_passed boolean[] := '{}';
  v_grants jsonb[] := '{}';
  v_posted jsonb := '[]';
begin
  perform earning_lock(p_items, p_at);
  for v_item in select value from jsonb_array_elements(p_items) loop
    select * into v_outcome from earning_judge(v_item);
    v_amounts := array_append(v_amounts, v_outcome.amount);
    v_reasons := array_append(v_reasons, v_outcome.reason);
    v_passed := array_append(v_passed, v_outcome.grants);
    if v_outcome.grants then
      v_grants := array_append(v_grants, v_item || jsonb_build_object('amount', v_outcome.amount));
    end if;
  end loop;
  if cardinality(v_grants) > 0 then
    v_posted := ledger_grant(to_jsonb(v_grants), p_at, p_actor);
  end if;
  return (
    with outcome as (
      select o.*, count(*) filter (where o.passed) over (order by o.place) as nth
        from unnest(v_amounts, v_reasons, v_passed) with ordinality as o(amount, reason, passed, place)
    )
    select coalesce(jsonb_agg(
             case when o.passed then jsonb_build_array(o.amount, o.reason) || p.value
                  else jsonb_build_array(o.amount, o.reason, null, false, true, 0) end
             order by o.place), '[]')
      from outcome o
      left join jsonb_array_elements(v_posted) with ordinality as p(value, place)
             on o.passed and p.place = o.nth);
end $$;

-- Lock what the items need: their members' wallets, the templates of their coupons, and all slots of
-- pots that several items share.
create or replace function earning_lock(p_items jsonb, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_periods bigint[];
begin
  perform ledger_open_wallet(w.member, w.unit, p_at) from (
    select i.member, i.unit from jsonb_to_recordset(p_items) as i(member uuid, unit text)
      left join ledger_wallet k on k.member_id = i.member and k.unit = i.unit
     group by i.member, i.unit, k.id order by k.id nulls last, i.member) as w;
  if jsonb_array_length(p_items) < 2 then
    return;
  end if;
  if p_items @? '$[*].coupon.template' then
    perform 1 from coupons_coupontemplate t
      where t.id in (select (i.value->'coupon'->>'template')::uuid
                       from jsonb_array_elements(p_items) as i)
      order by t.id for update;
  end if;
  select array_agg(period order by period) into v_periods from (
    select budget_period((p.value->>0)::bigint, (i.value->>'day')::date) as period
      from jsonb_array_elements(p_items) as i, jsonb_array_elements(i.value->'pots') as p
     where jsonb_typeof(i.value->'pots') = 'array'
     group by 1 having count(*) > 1) as shared;
  if v_periods is not null then
    perform budget_lock(v_periods);
  end if;
end $$;

-- What becomes of one item: the points it may have, which limit cut it, whether it goes to the
-- ledger. Counts and pots are moved; a key that was judged before is answered as it was.
create or replace function earning_judge(
  p jsonb, out amount bigint, out reason text, out grants boolean
) language plpgsql as $$
#variable_conflict use_variable
declare
  v_rule uuid := (p->>'rule_id')::uuid;
  v_member uuid := (p->>'member')::uuid;
  v_seen earning_award;
  v_count record;
  v_status text := 'granted';
  v_is_coupon boolean := coalesce(jsonb_typeof(p->'coupon') = 'object', false);
begin
  -- While limits are judged, one coupon stands where points stand.
  amount := case when v_is_coupon then 1 else (p->>'amount')::bigint end;
  reason := '';
  grants := true;
  if v_rule is null then
    if exists (select 1 from ledger_transaction t where t.source_key = p->>'key') then
      return;
    end if;
    reason := earning_take(p);
    if reason <> '' then
      amount := 0;
      grants := false;
    end if;
    return;
  end if;
  select * into v_seen from earning_award a where a.key = p->>'key';
  if found then
    amount := v_seen.granted_points;
    reason := v_seen.reason;
    grants := v_seen.status = 'granted' and v_seen.granted_points > 0;
    return;
  end if;
  for v_count in
    select c.value->>0 as period, (c.value->>1)::bigint as most_times,
           (c.value->>2)::bigint as most_points, n.times, n.points
      from jsonb_array_elements(p->'counts') as c
      left join earning_awardcount n
             on n.member_id = v_member and n.rule_id = v_rule and n.period = c.value->>0
  loop
    if v_count.times >= v_count.most_times then
      amount := 0;
      reason := 'member_times';
    elsif amount > v_count.most_points - coalesce(v_count.points, 0) then
      amount := greatest(0, v_count.most_points - coalesce(v_count.points, 0));
      reason := 'member_points';
    end if;
    exit when amount = 0;
  end loop;
  if amount > 0 and (p->>'is_claimable')::boolean then
    v_status := 'claimable';
  elsif amount > 0 and v_is_coupon then
    reason := earning_issue(p);
    if reason <> '' then
      amount := 0;
    end if;
  elsif amount > 0 then
    reason := coalesce(nullif(earning_take(p || jsonb_build_object('amount', amount)), ''), reason);
    if reason not in ('', 'member_points') then
      amount := 0;
    end if;
  end if;
  if amount = 0 then
    v_status := 'refused';
  else
    if v_is_coupon then
      amount := 0;
    end if;
    insert into earning_awardcount as n (member_id, rule_id, period, times, points)
    select v_member, v_rule, c.value->>0, 1, amount from jsonb_array_elements(p->'counts') as c
    on conflict (member_id, rule_id, period)
    do update set times = n.times + 1, points = n.points + amount;
  end if;
  grants := v_status = 'granted' and not v_is_coupon;
  insert into earning_award (id, key, rule_id, version, member_id, source_type, source_id,
      planned_points, granted_points, status, reason, "grant", counted, is_given_back, occurred_at)
  values ((p->>'award_id')::uuid, p->>'key', v_rule, (p->>'version')::int, v_member,
      p->>'source_type', (p->>'source_id')::uuid, (p->>'amount')::bigint,
      case when grants then amount else 0 end, v_status, reason,
      case when v_status = 'claimable' then p || jsonb_build_object('amount', amount) end,
      case when v_status = 'refused' then '{}'
           else array(select c.value->>0 from jsonb_array_elements(p->'counts') as c) end,
      false, (p->>'occurred_at')::timestamptz);
  if v_status = 'claimable' then
    amount := 0;
  end if;
end $$;

-- Issue the coupon of an item; '' or `coupon_` and why there is none: its template's outcome, or
-- `refunded` when all of its order came back before it was earned.
create or replace function earning_issue(p jsonb) returns text language plpgsql as $$
declare
  v_coupon jsonb := p->'coupon';
  v_outcome text;
begin
  if v_coupon ? 'why' then
    return 'coupon_' || (v_coupon->>'why');
  end if;
  if earning_is_undone(p->>'source_type', (p->>'source_id')::uuid) then
    return 'coupon_refunded';
  end if;
  v_outcome := coupons_issue(v_coupon, (v_coupon->>'at')::timestamptz)->0->>'outcome';
  return case when v_outcome in ('issued', 'repeated') then '' else 'coupon_' || v_outcome end;
end $$;

-- Take an item's points from its pots, all or none; '' or the reason of the pot that refused.
create or replace function earning_take(p jsonb) returns text language plpgsql as $$
declare
  v_pot record;
  v_taken bigint[] := '{}';
  v_amounts bigint[] := '{}';
begin
  if jsonb_typeof(p->'pots') is distinct from 'array' then
    return '';
  end if;
  for v_pot in
    select budget_period((t.value->>0)::bigint, (p->>'day')::date) as period,
           (t.value->>1)::bigint * (p->>'amount')::bigint as amount,
           (t.value->>2)::boolean as forced, t.value->>3 as reason
      from jsonb_array_elements(p->'pots') as t order by (t.value->>0)::bigint
  loop
    if not budget_take(v_pot.period, v_pot.amount, v_pot.forced) then
      for i in 1 .. cardinality(v_taken) loop
        perform budget_bring(v_taken[i], v_amounts[i], 0);
      end loop;
      return v_pot.reason;
    end if;
    v_taken := v_taken || v_pot.period;
    v_amounts := v_amounts || v_pot.amount;
  end loop;
  return '';
end $$;

-- An order changed: what its awards count for follows. Refunded in full they count no more in the
-- limits per member, and count again when that is undone (a dispute that was won). Called again it
-- changes nothing. What a member has claimed goes on counting: a refund leaves it (ADR 0045).
--
-- Locks: the member's wallet, as whoever judges limits holds it; the caller holds the order.
create or replace function earning_follow_order(p_order uuid, p_at timestamptz) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
  v_is_undone boolean := earning_is_undone('order', p_order);
  v_member uuid;
begin
  select member_id into v_member from earning_award
   where source_id = p_order and source_type = 'order' and is_given_back <> v_is_undone
     and counted <> '{}' limit 1;
  if not found then
    return;
  end if;
  perform ledger_open_wallet(v_member, 'points', p_at);
  with changed as (
    update earning_award set is_given_back = v_is_undone
     where source_id = p_order and source_type = 'order' and is_given_back <> v_is_undone
       and counted <> '{}'
    returning rule_id, member_id, counted,
              case when status = 'claimable' then ("grant"->>'amount')::bigint else granted_points end as points
  ), moved as (
    select member_id, rule_id, period, count(*) as times, sum(points) as points
      from changed cross join unnest(counted) as period group by 1, 2, 3
  )
  update earning_awardcount n
     set times = greatest(0, n.times + case when v_is_undone then -m.times else m.times end),
         points = greatest(0, n.points + case when v_is_undone then -m.points else m.points end)
    from moved m
   where n.member_id = m.member_id and n.rule_id = m.rule_id and n.period = m.period;
end $$;
