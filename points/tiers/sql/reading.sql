-- Where a member stands for the page that shows it: [value of the running window, when the window
-- began, until when all of it counts without anything new, value that counts for keeping the tier].
create or replace function tiers_value(
  p_member uuid, p_rule jsonb, p_at timestamptz, p_keeps_until timestamptz, p_grace_end timestamptz
) returns jsonb language plpgsql stable as $$
declare
  v_zone text := p_rule->>'timezone';
  v_hour integer := (p_rule->>'day_start_hour')::int;
  v_today date := tiers_day(p_at, v_zone, v_hour);
  v_from timestamptz := case p_rule->>'window'
    when 'rolling_12_months' then
      tiers_start_of((v_today - interval '12 months')::date, v_zone, v_hour)
    when 'calendar_year' then tiers_start_of(date_trunc('year', v_today::timestamp)::date, v_zone, v_hour)
    else '-infinity' end;
  v_began timestamptz := coalesce(tiers_later(p_keeps_until, '-12 months', v_zone), v_from);
begin
  return (
    select jsonb_build_array(
             coalesce(sum(f.value) filter (where f.at >= v_from), 0),
             nullif(v_from, '-infinity'),
             case p_rule->>'window'
               when 'rolling_12_months' then tiers_period_end(min(f.at) filter (where f.at >= v_from), p_rule)
               when 'calendar_year' then tiers_period_end(p_at, p_rule) end,
             coalesce(sum(f.value) filter (where f.at >= v_began
               and f.at < coalesce(p_grace_end, p_keeps_until, 'infinity')), 0))
      from tiers_facts(array[p_member], p_rule->>'qualify_by', least(v_from, v_began), p_at) f);
end $$;

-- Where members stand: [[member, [code, level, multiplier, name_zh, name_en, color]], …];
-- a tier the period of which is over counts until it is reviewed. Members on no tier are left out.
create or replace function tiers_standing(p_members uuid[]) returns jsonb
language plpgsql stable as $$
begin
  return (
    with level as (
      select *, row_number() over (order by threshold) as level
        from tiers_tier
    )
    select coalesce(jsonb_agg(jsonb_build_array(
             m.id, jsonb_build_array(l.code, l.level,
               coalesce(l.benefits->>'earn_multiplier', '1'), l.name_zh, l.name_en, l.color))),
             '[]')
      from unnest(p_members) as m(id)
      left join tiers_membertier t on t.member_id = m.id
      join level l on l.id = t.tier_id or (t.tier_id is null and l.threshold = 0));
end $$;
