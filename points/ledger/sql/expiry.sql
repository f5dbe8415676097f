-- When lots end, beyond the date they were stamped with: activity, grace, extension, notices.

-- The first moment of a local day. Where the clocks go back over the hour the day begins at, that hour
-- comes twice, and the server would take the second.
create or replace function ledger_start_of(p_day date, p_zone text, p_hour integer)
returns timestamptz language sql stable as $$
  select case when early at time zone p_zone = wall then least(early, late) else late end
    from (select wall, late, (wall - ((late - interval '3 hours') at time zone p_zone
                  - (late - interval '3 hours') at time zone 'UTC')) at time zone 'UTC' as early
            from (select wall, wall at time zone p_zone as late
                    from (select p_day + make_interval(hours => p_hour) as wall) w) l) e
$$;

-- The end of a lot by its idle rule `days day_start zone`: so many local days after the last activity.
create or replace function ledger_idle_end(p_rule text, p_active timestamptz) returns timestamptz
language sql stable as $$
  select ledger_start_of(
           ((p_active at time zone zone) - make_interval(hours => hour))::date + days + 1, zone, hour)
    from (select split_part(p_rule, ' ', 1)::integer as days,
                 split_part(p_rule, ' ', 2)::integer as hour, split_part(p_rule, ' ', 3) as zone) r
$$;

-- When the owner of a wallet last earned or spent, by the ledger alone: for wallets whose first lot that
-- lives by activity has just come, as nobody kept account before.
create or replace function ledger_last_activity(p_wallet bigint) returns timestamptz
language plpgsql stable as $$
begin
  return (select max(least(t.occurred_at, t.posted_at)) from ledger_transaction t
           where t.kind in ('earn', 'spend', 'capture') and t.wallet_id in (
             select p_wallet union all select w.id from ledger_wallet w where w.merged_into_id = p_wallet));
end $$;

-- The member was active (null: was not, but has a new lot): open lots that live by activity move
-- their end on, never back. What has expired stays expired. The wallet is locked by the caller, with
-- all that was due booked.
create or replace function ledger_keep_alive(p_wallet bigint, p_active timestamptz, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_active timestamptz;
begin
  -- An order told late is dated when it was placed; one dated tomorrow is not.
  update ledger_wallet
     set last_active_at = coalesce(
           greatest(coalesce(last_active_at, ledger_last_activity(p_wallet)),
                    case when p_active is not null then least(p_active, p_at) end),
           (select max(granted_at) from ledger_lot where wallet_id = p_wallet and idle_rule is not null))
   where id = p_wallet returning last_active_at into v_active;
  update ledger_lot set expires_at = ledger_idle_end(idle_rule, v_active)
   where wallet_id = p_wallet and (remaining > 0 or held > 0) and idle_rule is not null
     and expires_at > p_at and expires_at < ledger_idle_end(idle_rule, v_active);
  if found then
    update ledger_wallet set next_change_at = ledger_next_change(id) where id = p_wallet;
  end if;
end $$;

-- A member did something that moves no points (a check-in that is worth nothing).
create or replace function ledger_note_activity(p_member uuid, p_unit text, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_wallet ledger_wallet;
begin
  if exists (select 1 from ledger_wallet where member_id = p_member and unit = p_unit) then
    v_wallet := ledger_open_wallet(p_member, p_unit, p_at);
    perform ledger_keep_alive(v_wallet.id, p_at, p_at);
  end if;
end $$;

-- When points end that come back into a lot: as stamped; a lot that lives by activity follows what
-- the member did since; one that is over gets the grace, if there is any.
create or replace function ledger_end_on_return(p_lot ledger_lot, p_active timestamptz,
  p_grace timestamptz, p_at timestamptz) returns timestamptz language sql stable as $$
  select case when ends_at <= p_at and p_grace > ends_at then p_grace else ends_at end
    from (select case when p_lot.idle_rule is null then p_lot.expires_at
                      else greatest(p_lot.expires_at, ledger_idle_end(p_lot.idle_rule, p_active))
                 end as ends_at) s
$$;

-- Move the end of open lots on to p.until, never back, in wallets after p.after, at most p.limit of
-- them: [last wallet, wallets, lots, points] or null when none is left. Only lots up to p.last_lot,
-- those that were there when it was decided; p.ending_by keeps those that end by then.
create or replace function ledger_extend(p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_until timestamptz := (p->>'until')::timestamptz;
  v_ending_by timestamptz := coalesce((p->>'ending_by')::timestamptz, v_until);
  v_member uuid := (p->>'member')::uuid;
  v_wallets bigint[];
  v_answer jsonb;
begin
  select array_agg(id) into v_wallets from (
    select id from ledger_wallet
     where unit = 'points' and id > (p->>'after')::bigint
       and (next_change_at <= v_until
            or pending > 0 and exists (select 1 from ledger_lot l where l.wallet_id = ledger_wallet.id
                                          and l.matures_at is null and l.remaining > 0))
       and (v_member is null or member_id = v_member)
     order by id limit (p->>'limit')::integer for update) w;
  if v_wallets is null then
    return null;
  end if;
  perform ledger_refresh(v_wallets, p_at);
  with moved as (
    update ledger_lot set expires_at = v_until
     where wallet_id = any(v_wallets) and (remaining > 0 or held > 0) and expires_at > p_at
       and expires_at < v_until and expires_at <= v_ending_by and id <= (p->>'last_lot')::bigint
    returning wallet_id, remaining + held as points
  )
  select jsonb_build_array(v_wallets[cardinality(v_wallets)], count(distinct wallet_id), count(*),
                           coalesce(sum(points), 0))
    into v_answer from moved;
  update ledger_wallet set next_change_at = ledger_next_change(id) where id = any(v_wallets);
  return v_answer;
end $$;

-- Tell members what expires soon, in wallets after p.after, at most p.limit of them:
-- [last wallet, wallets, notices, points] or null when none is left. p.days are the windows; p.zone
-- and p.day_start make the local day; p.today is the local day of p_at.
-- One notice for all lots of a member that end on one local day, with what is left of them now. Of
-- several windows that are open only the narrowest is told, and the others count as told: a sweep
-- that comes late does not send two. A window that had opened before the lot was there is none. Of
-- lots that wait for their order nothing is told: they do not end before they mature.
create or replace function ledger_tell_expiring(p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_days integer[] := array(select jsonb_array_elements_text(p->'days')::integer);
  v_start interval := make_interval(hours => (p->>'day_start')::integer);
  v_today date := (p->>'today')::date;
  v_last timestamptz;
  v_wallets bigint[];
  v_answer jsonb;
begin
  v_last := p_at + make_interval(days => (select max(d) from unnest(v_days) d) + 2);
  select array_agg(id) into v_wallets from (
    select id from ledger_wallet
     where unit = 'points' and id > (p->>'after')::bigint and next_change_at <= v_last
     order by id limit (p->>'limit')::integer) w;
  if v_wallets is null then
    return null;
  end if;
  with ending as (
    select wallet_id, remaining, expires_at,
           ((expires_at - interval '1 microsecond') at time zone (p->>'zone') - v_start)::date as day,
           ((granted_at at time zone (p->>'zone')) - v_start)::date as granted_day
      from ledger_lot
     where wallet_id = any(v_wallets) and remaining > 0 and expires_at > p_at
       and expires_at <= v_last and matures_at is not null
  ), open as (
    select e.wallet_id, e.day, d as days
      from ending e cross join unnest(v_days) d
     where e.day - d <= v_today and e.granted_day < e.day - d
     group by 1, 2, 3
  ), told as (
    insert into ledger_expirynotice (wallet_id, expires_date, days, told_at)
    select wallet_id, day, days, p_at from open order by 1, 2, 3
    on conflict do nothing returning wallet_id, expires_date, days
  ), notice as (
    select t.wallet_id, t.expires_date as day, s.points, s.expires_at
      from (select distinct on (wallet_id, day) wallet_id, day, days from open
             order by wallet_id, day, days) narrowest
      join told t on t.wallet_id = narrowest.wallet_id and t.expires_date = narrowest.day
                 and t.days = narrowest.days
      join (select wallet_id, day, sum(remaining)::bigint as points, min(expires_at) as expires_at
              from ending group by 1, 2) s on s.wallet_id = t.wallet_id and s.day = t.expires_date
  ), sent as (
    insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
    select gen_random_uuid(), 'points.expiring', w.member_id::text,
           jsonb_build_object('member_id', w.member_id, 'unit', w.unit, 'points', n.points,
             'expires_at', to_char(n.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
             'expires_date', n.day, 'days', n.day - v_today), p_at, 0
      from notice n join ledger_wallet w on w.id = n.wallet_id
     order by w.id, n.day
  )
  select jsonb_build_array(v_wallets[cardinality(v_wallets)], cardinality(v_wallets), count(*),
                           coalesce(sum(points), 0))
    into v_answer from notice;
  return v_answer;
end $$;
