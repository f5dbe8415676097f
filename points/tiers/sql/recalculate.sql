-- When the definitions of tiers change, everybody is looked at; in stretches of ids, so that most cost
-- two runs through indexes and no look of their own.

-- Definitions changed: look at the next p_limit members after p_after. Periods get the end that
-- the window gives them, or lose it. Returns the last member looked at, or null at the end.
create or replace function tiers_recalculate(
  p_rule jsonb, p_at timestamptz, p_after uuid, p_limit integer, p_actor text
) returns uuid language plpgsql as $$
declare
  v_first uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
  v_last uuid;
  v_members uuid[];
begin
  select id into v_last from (
    select id from members_member where id > v_first order by id limit p_limit) as next
   order by id desc limit 1;
  if v_last is null then
    return null;
  end if;
  v_members := tiers_movable(v_first, v_last, p_rule, p_at);
  if v_members is null then
    return v_last;
  end if;
  perform 1 from tiers_membertier t join unnest(v_members) as m(id) on t.member_id = m.id
   where t.earned_tier_id is not null
     and (t.keeps_until is null) <> (p_rule->>'window' = 'all_time')
   order by t.member_id for update of t;
  update tiers_membertier t
     set keeps_until = tiers_period_end(p_at, p_rule), grace_ends_at = null,
         next_review_at = least(tiers_period_end(p_at, p_rule), t.manual_until)
    from unnest(v_members) as m(id)
   where t.member_id = m.id and t.earned_tier_id is not null
     and (t.keeps_until is null) <> (p_rule->>'window' = 'all_time');
  perform tiers_reassess(v_members, p_rule, p_at, 'recalculated', p_actor);
  return v_last;
end $$;

-- Members with ids in (p_first, p_last] whom a review could move at all: in two runs through the
-- indexes instead of several looks at each of them. No window holds more than all there is.
create or replace function tiers_movable(
  p_first uuid, p_last uuid, p_rule jsonb, p_at timestamptz
) returns uuid[] language plpgsql stable as $$
declare
  v_from timestamptz := tiers_reaches_back(p_rule,
    tiers_day(p_at, p_rule->>'timezone', (p_rule->>'day_start_hour')::int));
begin
  return (
    with place as (
      select t.member_id, t.earned_tier_id,
             t.keeps_until <= p_at or t.manual_until <= p_at
               or t.judged_tier_id is distinct from t.earned_tier_id and t.judged_tier_id is not null
               or t.earned_tier_id is not null
                  and (t.keeps_until is null) <> (p_rule->>'window' = 'all_time') as is_due
        from tiers_membertier t where t.member_id > p_first and t.member_id <= p_last
    ), goal as (
      select e.id, (select min(l.threshold) from tiers_tier l where l.threshold > e.threshold) as next
        from (select id, threshold from tiers_tier union all select null, 0) e
    )
    select array_agg(member_id order by member_id) from (
      select member_id from place where is_due
      union
      select s.member_id
        from tiers_sums(p_first, p_last, p_rule->>'qualify_by', v_from, p_at) s
        left join place p on p.member_id = s.member_id
        join goal g on g.id is not distinct from p.earned_tier_id
       where s.value >= g.next) as movable);
end $$;

-- All that counts for members with ids in (p_first, p_last], added up.
create or replace function tiers_sums(
  p_first uuid, p_last uuid, p_by text, p_from timestamptz, p_to timestamptz
) returns table (member_id uuid, value bigint) language plpgsql stable as $$
begin
  case p_by
  when 'growth' then
    return query
    select w.member_id, sum(l.remaining)::bigint
      from ledger_wallet w join ledger_lot l on l.wallet_id = w.id and l.remaining > 0
     where w.member_id > p_first and w.member_id <= p_last and w.unit = 'growth'
       and l.granted_at between p_from and p_to
     group by w.member_id;
  when 'spend' then
    return query
    select o.member_id, sum(greatest(0, o.goods_cents + o.shipping_cents + o.tax_cents
             - o.discount_cents - o.offset_cents - o.refunded_cents))::bigint
      from orders_order o
     where o.member_id > p_first and o.member_id <= p_last
       and o.status = 'completed' and o.completed_at between p_from and p_to
     group by o.member_id;
  else
    return query
    select o.member_id, count(*) from orders_order o
     where o.member_id > p_first and o.member_id <= p_last
       and o.status = 'completed' and o.completed_at between p_from and p_to
     group by o.member_id;
  end case;
end $$;
