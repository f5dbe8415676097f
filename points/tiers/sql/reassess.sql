-- Tiers (rules.md §8), set-based: the same functions for one member after an order and for all of
-- them in batches. Business time comes in as p_at. p_rule: {"qualify_by", "window", "grace_days",
-- "downgrade", "timezone", "day_start_hour"}.
--
-- A fact is something that counts: growth granted, an order completed. It counts from its moment
-- on, and on local day D if it was made on day D - 12 months or later. All dates written are those
-- of the facts and of the periods' ends, never those of the call: whoever calls late, or is told
-- of orders in another order, comes to the same.

create or replace function tiers_day(p_at timestamptz, p_zone text, p_hour integer) returns date
language sql stable as $$
  select ((p_at at time zone p_zone) - make_interval(hours => p_hour))::date
$$;

create or replace function tiers_start_of(p_day date, p_zone text, p_hour integer)
returns timestamptz language sql stable as $$
  select ledger_start_of(p_day, p_zone, p_hour)
$$;

-- The same local hour some time later (or earlier, with a negative interval).
create or replace function tiers_later(p_at timestamptz, p_by interval, p_zone text)
returns timestamptz language sql stable as $$
  select ((p_at at time zone p_zone) + p_by) at time zone p_zone
$$;

-- Where the period ends in which a moment lies: twelve months on, to the end of that local day, or
-- the end of the calendar year; null for never.
create or replace function tiers_period_end(p_at timestamptz, p_rule jsonb) returns timestamptz
language sql stable as $$
  select case p_rule->>'window'
    when 'rolling_12_months' then tiers_start_of(
      (tiers_day(p_at, p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
        + interval '12 months' + interval '1 day')::date,
      p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
    when 'calendar_year' then tiers_start_of(
      (date_trunc('year', tiers_day(p_at, p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
        ::timestamp) + interval '1 year')::date,
      p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
  end
$$;

-- Where the period ends that begins with the end of another.
create or replace function tiers_next_end(p_ended timestamptz, p_rule jsonb) returns timestamptz
language sql stable as $$
  select case p_rule->>'window'
    when 'rolling_12_months' then tiers_later(p_ended, '12 months', p_rule->>'timezone')
    else tiers_period_end(p_ended, p_rule) end
$$;

-- What counts for these members in [p_from, p_to].
create or replace function tiers_facts(
  p_members uuid[], p_by text, p_from timestamptz, p_to timestamptz
) returns table (member_id uuid, at timestamptz, value bigint) language plpgsql stable as $$
begin
  case p_by
  when 'growth' then
    return query
    select w.member_id, l.granted_at, l.remaining
      from unnest(p_members) as m(id)
      join ledger_wallet w on w.member_id = m.id and w.unit = 'growth'
      join ledger_lot l on l.wallet_id = w.id and l.remaining > 0
     where l.granted_at between p_from and p_to;
  when 'spend' then
    return query
    select o.member_id, o.completed_at, greatest(0, o.goods_cents + o.shipping_cents + o.tax_cents
             - o.discount_cents - o.offset_cents - o.refunded_cents)
      from unnest(p_members) as m(id) join orders_order o on o.member_id = m.id
     where o.status = 'completed' and o.completed_at between p_from and p_to;
  else
    return query
    select o.member_id, o.completed_at, 1::bigint
      from unnest(p_members) as m(id) join orders_order o on o.member_id = m.id
     where o.status = 'completed' and o.completed_at between p_from and p_to
       and (o.refunded_cents = 0 or o.refunded_cents < o.goods_cents + o.shipping_cents
             + o.tax_cents - o.discount_cents - o.offset_cents);
  end case;
end $$;

-- Write steps down: [{member_id, seen_tier_id, seen_until, tier_id, keeps_until, grace_ends_at,
-- judged_at, judged_tier_id, since, kind, occurred_at, why}, …]. A row that changed since it was
-- looked at is left to the next round, hence all steps are counted. A tier set by hand stays what is
-- shown, unless an upgrade leads above it. Tells `tier.changed` with the tiers' codes; no tier is
-- the one everybody begins on, if there is one.
create or replace function tiers_apply(p_steps jsonb, p_at timestamptz, p_actor text)
returns integer language plpgsql as $$
declare
  v_members uuid[];
begin
  select array_agg(s.member_id) into v_members
    from jsonb_to_recordset(p_steps) as s(member_id uuid);
  insert into tiers_membertier (member_id, reason)
  select m.id, '' from unnest(v_members) as m(id)
   where not exists (select 1 from tiers_membertier t where t.member_id = m.id)
   order by m.id on conflict (member_id) do nothing;
  perform 1 from tiers_membertier t join unnest(v_members) as m(id) on t.member_id = m.id
    order by t.member_id for update of t;

  with step as materialized (
    select s.*, b.tier_id as shown_id, b.since as shown_since,
           b.manual_until is not null
             and not (s.kind in ('upgrade', 'recalculated') and n.threshold > h.threshold)
             as is_manual
      from jsonb_to_recordset(p_steps) as s(
             member_id uuid, seen_tier_id bigint, seen_until timestamptz, tier_id bigint,
             keeps_until timestamptz, grace_ends_at timestamptz, judged_at timestamptz,
             judged_tier_id bigint, since timestamptz, kind text, occurred_at timestamptz,
             why jsonb)
      join tiers_membertier b on b.member_id = s.member_id
      left join tiers_tier n on n.id = s.tier_id
      left join tiers_tier h on h.id = b.tier_id
     where b.earned_tier_id is not distinct from s.seen_tier_id
       and b.keeps_until is not distinct from s.seen_until
  ), changed as (
    update tiers_membertier t
       set earned_tier_id = s.tier_id, keeps_until = s.keeps_until,
           grace_ends_at = s.grace_ends_at,
           judged_at = coalesce(s.judged_at, t.judged_at), judged_tier_id = s.judged_tier_id,
           tier_id = case when s.is_manual then t.tier_id else s.tier_id end,
           since = case when s.is_manual or t.tier_id is not distinct from s.tier_id
                        then t.since else s.since end,
           manual_until = case when s.is_manual then t.manual_until end,
           reason = case when s.is_manual then t.reason else '' end,
           next_review_at = least(coalesce(s.grace_ends_at, s.keeps_until),
                                  case when s.is_manual then t.manual_until end)
      from step s where t.member_id = s.member_id
  ), moved as (
    insert into tiers_tiermove (member_id, kind, from_tier_id, to_tier_id, why, actor, occurred_at,
                                recorded_at)
    select member_id, kind, shown_id, tier_id, why, p_actor, occurred_at, p_at
      from step where not is_manual order by member_id
  )
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  select gen_random_uuid(), 'tier.changed', s.member_id::text,
         jsonb_build_object('member_id', s.member_id, 'from', coalesce(f.code, b.code),
                            'to', coalesce(t.code, b.code), 'kind', s.kind, 'why', s.why),
         s.occurred_at, 0
    from step s
    left join tiers_tier f on f.id = s.shown_id
    left join tiers_tier t on t.id = s.tier_id
    left join tiers_tier b on b.threshold = 0
   where not s.is_manual and s.shown_id is distinct from s.tier_id order by s.member_id;
  return jsonb_array_length(p_steps);
end $$;

-- Tier periods that ended by p_at, one each: kept if the twelve months up to the end, and the
-- grace after it, hold what the tier needs; else grace, and at its end a tier less. Returns the
-- steps taken.
create or replace function tiers_judge(p_members uuid[], p_rule jsonb, p_at timestamptz, p_actor text)
returns integer language plpgsql as $$
declare
  v_zone text := p_rule->>'timezone';
  v_grace interval := make_interval(days => (p_rule->>'grace_days')::int);
  v_due uuid[];
  v_first timestamptz;
  v_steps jsonb;
begin
  select array_agg(t.member_id), min(t.keeps_until) into v_due, v_first
    from unnest(p_members) as m(id) join tiers_membertier t on t.member_id = m.id
   where t.keeps_until <= p_at;
  if v_due is null then
    return 0;
  end if;
  perform 1 from tiers_membertier t join unnest(v_due) as m(id) on t.member_id = m.id
    order by t.member_id for update of t;

  with due as (
    select t.member_id, t.earned_tier_id, t.keeps_until, t.grace_ends_at, t.judged_tier_id,
           e.threshold, coalesce(t.grace_ends_at, tiers_later(t.keeps_until, v_grace, v_zone)) as grace_end,
           tiers_later(t.keeps_until, '-12 months', v_zone) as began
      from unnest(v_due) as m(id) join tiers_membertier t on t.member_id = m.id
      join tiers_tier e on e.id = t.earned_tier_id
     where t.keeps_until <= p_at
  ), valued as (
    select d.member_id, coalesce(sum(f.value), 0)::bigint as value
      from due d left join tiers_facts(v_due, p_rule->>'qualify_by',
             tiers_later(v_first, '-12 months', v_zone), p_at) f
        on f.member_id = d.member_id and f.at >= d.began and f.at < d.grace_end
     group by d.member_id
  ), judged as (
    select d.*, v.value,
           case when v.value >= d.threshold then 'kept'
                when p_at < d.grace_end then 'grace' else 'downgrade' end as kind
      from due d join valued v using (member_id)
     where v.value >= d.threshold or p_at >= d.grace_end or d.grace_ends_at is null
  ), step as (
    select j.member_id, j.earned_tier_id as seen_tier_id, j.keeps_until as seen_until, j.kind,
           case j.kind when 'downgrade' then lower.id else j.earned_tier_id end as tier_id,
           case when j.kind = 'grace' then j.keeps_until
                when j.kind = 'downgrade' and lower.id is null then null
                else tiers_next_end(j.keeps_until, p_rule) end as keeps_until,
           case j.kind when 'grace' then j.grace_end end as grace_ends_at,
           case when j.kind <> 'grace' then j.keeps_until end as judged_at,
           case j.kind when 'grace' then j.judged_tier_id else j.earned_tier_id end
             as judged_tier_id,
           j.grace_end as since,
           case j.kind when 'downgrade' then j.grace_end else j.keeps_until end as occurred_at,
           jsonb_build_object('by', p_rule->>'qualify_by', 'value', j.value,
             'threshold', j.threshold, 'from', j.began, 'ended_at', j.keeps_until,
             'grace_ends_at', j.grace_end) as why
      from judged j left join lateral (
        select t.id from tiers_tier t
         where t.threshold > 0 and t.threshold < j.threshold
           and (p_rule->>'downgrade' = 'one_level' or t.threshold <= j.value)
         order by t.threshold desc limit 1) lower on true
  )
  select jsonb_agg(to_jsonb(step)) into v_steps from step;
  return case when v_steps is null then 0 else tiers_apply(v_steps, p_at, p_actor) end;
end $$;

-- From when on a fact may lead to a tier today.
create or replace function tiers_counts_from(p_rule jsonb, p_today date) returns timestamptz
language sql stable as $$
  select case p_rule->>'window'
    when 'rolling_12_months' then tiers_start_of((p_today - interval '12 months')::date,
      p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
    when 'calendar_year' then
      tiers_start_of((date_trunc('year', p_today::timestamp) - interval '1 year')::date,
        p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
    else '-infinity' end
$$;

-- And from when on facts count together with one of those.
create or replace function tiers_reaches_back(p_rule jsonb, p_today date) returns timestamptz
language sql stable as $$
  select case p_rule->>'window'
    when 'rolling_12_months' then tiers_start_of((p_today - interval '24 months')::date,
      p_rule->>'timezone', (p_rule->>'day_start_hour')::int)
    else tiers_counts_from(p_rule, p_today) end
$$;

-- Tiers earned: the highest one whose threshold the value of the window reached at any fact of the
-- running window. Facts before the end of the last tier period were judged with it: they lead only
-- above the tier that was judged. Returns the steps taken.
create or replace function tiers_raise(
  p_members uuid[], p_rule jsonb, p_at timestamptz, p_kind text, p_actor text
) returns integer language plpgsql as $$
declare
  v_zone text := p_rule->>'timezone';
  v_hour integer := (p_rule->>'day_start_hour')::int;
  v_window text := p_rule->>'window';
  v_today date := tiers_day(p_at, v_zone, v_hour);
  v_span interval := case v_window when 'rolling_12_months' then '12 months' else '1000 years' end;
  v_lower timestamptz := tiers_counts_from(p_rule, v_today);
  v_from timestamptz := tiers_reaches_back(p_rule, v_today);
  v_steps jsonb;
begin
  with found as materialized (
    select f.member_id, f.at, f.value
      from tiers_facts(p_members, p_rule->>'qualify_by', v_from, p_at) f
  ), able as (
    -- No window holds more than all of it: whom even that would not raise needs no closer look.
    select s.member_id
      from (select member_id, sum(value) as most from found group by member_id) s
      left join tiers_membertier t on t.member_id = s.member_id
      left join tiers_tier e on e.id = t.earned_tier_id
     where s.most >= (select min(l.threshold) from tiers_tier l
                       where l.threshold > coalesce(e.threshold, 0))
  ), fact as (
    select f.member_id, f.at, f.value, tiers_day(f.at, v_zone, v_hour) as day
      from found f join able using (member_id)
  ), running as (
    -- Of the days up to this one, less what came later the same day.
    select member_id, at,
           sum(value) over (partition by member_id, part order by day
                            range between v_span preceding and current row)
           - coalesce(sum(value) over (partition by member_id, part, day order by at
                            rows between 1 following and unbounded following), 0) as value
      from (select fact.*, case v_window when 'calendar_year' then extract(year from day)::int
                           else 0 end as part from fact) as parted
  ), counted as (
    select r.*, t.earned_tier_id, t.keeps_until, t.judged_tier_id,
           greatest(coalesce(e.threshold, 0),
                    case when r.at < t.judged_at then j.threshold end) as passed
      from running r
      left join tiers_membertier t on t.member_id = r.member_id
      left join tiers_tier e on e.id = t.earned_tier_id
      left join tiers_tier j on j.id = t.judged_tier_id
     where r.at >= v_lower and r.value > 0
  ), level as (
    select id, threshold, lead(threshold) over (order by threshold) as next_threshold
      from tiers_tier where threshold > 0
  ), above as (
    -- No join of the facts with themselves: what these functions return cannot be estimated, and a
    -- batch would be joined row by row.
    select c.*, l.id as tier_id, l.threshold,
           max(l.threshold) over (partition by c.member_id) as best,
           max(c.value) over (partition by c.member_id) as most
      from counted c
      join level l on c.value >= l.threshold and (c.value < l.next_threshold
                                                  or l.next_threshold is null)
     where l.threshold > c.passed
  ), step as (
    select member_id, earned_tier_id as seen_tier_id, keeps_until as seen_until, tier_id,
           tiers_period_end(min(at), p_rule) as keeps_until, null::timestamptz as grace_ends_at,
           null::timestamptz as judged_at, judged_tier_id, min(at) as since, p_kind as kind,
           min(at) as occurred_at,
           jsonb_build_object('by', p_rule->>'qualify_by', 'value', most,
                              'threshold', threshold) as why
      from above where threshold = best
     group by member_id, earned_tier_id, keeps_until, judged_tier_id, tier_id, threshold, most
  )
  select jsonb_agg(to_jsonb(step)) into v_steps from step;
  return case when v_steps is null then 0 else tiers_apply(v_steps, p_at, p_actor) end;
end $$;

-- Tiers lost at the end of their last period that facts told since then would have kept.
create or replace function tiers_restore(p_members uuid[], p_rule jsonb, p_at timestamptz, p_actor text)
returns integer language plpgsql as $$
declare
  v_zone text := p_rule->>'timezone';
  v_grace interval := make_interval(days => (p_rule->>'grace_days')::int);
  v_lost uuid[];
  v_first timestamptz;
  v_steps jsonb;
begin
  select array_agg(t.member_id), min(t.judged_at) into v_lost, v_first
    from unnest(p_members) as m(id) join tiers_membertier t on t.member_id = m.id
   where t.judged_tier_id <> coalesce(t.earned_tier_id, 0);
  if v_lost is null then
    return 0;
  end if;
  with lost as (
    select t.*, j.threshold from unnest(v_lost) as m(id)
      join tiers_membertier t on t.member_id = m.id
      join tiers_tier j on j.id = t.judged_tier_id
      left join tiers_tier e on e.id = t.earned_tier_id
     where j.threshold > coalesce(e.threshold, 0)
  ), valued as (
    select l.member_id, sum(f.value)::bigint as value
      from lost l join tiers_facts(v_lost, p_rule->>'qualify_by',
             tiers_later(v_first, '-12 months', v_zone), p_at) f on f.member_id = l.member_id
       and f.at >= tiers_later(l.judged_at, '-12 months', v_zone)
       and f.at < tiers_later(l.judged_at, v_grace, v_zone)
     group by l.member_id, l.threshold having sum(f.value) >= l.threshold
  ), step as (
    select l.member_id, l.earned_tier_id as seen_tier_id, l.keeps_until as seen_until,
           l.judged_tier_id as tier_id, tiers_next_end(l.judged_at, p_rule) as keeps_until,
           null::timestamptz as grace_ends_at, l.judged_at, null::bigint as judged_tier_id,
           l.judged_at as since, 'recalculated' as kind, p_at as occurred_at,
           jsonb_build_object('by', p_rule->>'qualify_by', 'value', v.value,
             'threshold', l.threshold, 'ended_at', l.judged_at) as why
      from lost l join valued v using (member_id)
  )
  select jsonb_agg(to_jsonb(step)) into v_steps from step;
  return case when v_steps is null then 0 else tiers_apply(v_steps, p_at, p_actor) end;
end $$;

-- Tiers set by hand whose date has come: what was earned meanwhile holds again.
create or replace function tiers_end_manual(p_members uuid[], p_at timestamptz, p_actor text)
returns integer language plpgsql as $$
declare
  v_ended integer;
begin
  with ended as materialized (
    select t.member_id, t.tier_id, t.earned_tier_id, t.manual_until
      from unnest(p_members) as m(id) join tiers_membertier t on t.member_id = m.id
     where t.manual_until <= p_at order by t.member_id for update of t
  ), changed as (
    update tiers_membertier t
       set tier_id = e.earned_tier_id, manual_until = null, reason = '', since = e.manual_until,
           next_review_at = coalesce(t.grace_ends_at, t.keeps_until)
      from ended e where t.member_id = e.member_id
  ), moved as (
    insert into tiers_tiermove (member_id, kind, from_tier_id, to_tier_id, why, actor, occurred_at,
                                recorded_at)
    select member_id, 'manual_ended', tier_id, earned_tier_id,
           jsonb_build_object('until', manual_until), p_actor, manual_until, p_at from ended
  ), told as (
    insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
    select gen_random_uuid(), 'tier.changed', e.member_id::text,
           jsonb_build_object('member_id', e.member_id, 'from', coalesce(f.code, b.code),
             'to', coalesce(t.code, b.code), 'kind', 'manual_ended',
             'why', jsonb_build_object('until', e.manual_until)), e.manual_until, 0
      from ended e
      left join tiers_tier f on f.id = e.tier_id
      left join tiers_tier t on t.id = e.earned_tier_id
      left join tiers_tier b on b.threshold = 0
     where e.tier_id is distinct from e.earned_tier_id
  )
  select count(*) into v_ended from ended;
  return v_ended;
end $$;

-- Bring these members up to date: periods that ended, tiers earned, tiers set by hand that ran out.
-- p_kind is what an upgrade is called: 'upgrade', or 'recalculated' when the definitions changed.
-- Returns the steps taken.
create or replace function tiers_reassess(
  p_members uuid[], p_rule jsonb, p_at timestamptz, p_kind text, p_actor text
) returns integer language plpgsql as $$
declare
  v_steps integer;
  v_all integer := 0;
begin
  loop  -- a period may have ended behind one that has, and an upgrade may be long past
    v_steps := tiers_judge(p_members, p_rule, p_at, p_actor);
    if v_steps = 0 then
      v_steps := tiers_restore(p_members, p_rule, p_at, p_actor);
      v_steps := v_steps + tiers_raise(p_members, p_rule, p_at, p_kind, p_actor);
    end if;
    v_all := v_all + v_steps;
    exit when v_steps = 0;
  end loop;
  return v_all + tiers_end_manual(p_members, p_at, p_actor);
end $$;

-- Members whose period, grace or tier set by hand is over by p_at: the next p_limit of them.
-- Rows another call is working on are left to it.
create or replace function tiers_reassess_due(
  p_rule jsonb, p_at timestamptz, p_limit integer, p_actor text
) returns integer language plpgsql as $$
declare
  v_due uuid[];
begin
  with due as (
    select member_id from tiers_membertier where next_review_at <= p_at
     order by next_review_at, member_id limit p_limit for update skip locked
  )
  select array_agg(member_id order by member_id) into v_due from due;
  if v_due is null then
    return 0;
  end if;
  perform tiers_reassess(v_due, p_rule, p_at, 'upgrade', p_actor);
  return cardinality(v_due);
end $$;
