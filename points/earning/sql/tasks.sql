-- Tasks: what waits for a member, and claiming it.

-- {given: [[rule, times, points, last], …], counts: [[rule, period, times, points], …] of these
-- periods, waiting: [[award, rule, version, points, whether its order must be completed first], …],
-- oldest first}. What an order promised that has been refunded in full waits no longer.
create or replace function earning_tasks_of(p_member uuid, p_rules uuid[], p_periods text[])
returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'given', (select coalesce(jsonb_agg(jsonb_build_array(rule_id, times, points, last)), '[]') from (
                select rule_id, count(*) as times, sum(granted_points) as points,
                       max(occurred_at) as last
                  from earning_award
                 where member_id = p_member and rule_id = any(p_rules) and status = 'granted'
                 group by rule_id) as g),
    'counts', (select coalesce(jsonb_agg(jsonb_build_array(rule_id, period, times, points)), '[]')
                 from earning_awardcount
                where member_id = p_member and rule_id = any(p_rules) and period = any(p_periods)),
    'waiting', (select coalesce(jsonb_agg(jsonb_build_array(id, rule_id, version, "grant"->'amount',
                           coalesce(("grant"->>'is_waiting')::boolean, false))
                         order by occurred_at, id), '[]')
                  from earning_award
                 where member_id = p_member and status = 'claimable'
                   and not earning_is_undone(source_type, source_id)));
end $$;

-- Whether what an award was made for has been taken back: an order of which all was refunded.
create or replace function earning_is_undone(p_source_type text, p_source uuid) returns boolean
language plpgsql stable as $$
begin
  return p_source_type = 'order' and exists (
    select 1 from orders_order where id = p_source and refunded_cents > 0
       and refunded_cents >= goods_cents - discount_cents - offset_cents);
end $$;

-- An order was completed: awards for its payment that wait for its return window get their date, and
-- can be claimed from now on.
create or replace function earning_date_awards(p_order uuid, p_matures_at timestamptz) returns void
language plpgsql as $$
begin
  update earning_award
     set "grant" = "grant" || jsonb_build_object('is_waiting', false, 'matures_at', p_matures_at)
   where source_id = p_order and source_type = 'order' and status = 'claimable'
     and ("grant"->>'is_waiting')::boolean;
end $$;

-- Grant a waiting award, dated at the claim: [points, ''], or [0, reason] and nothing has moved:
-- `gone` when nothing waits, or the pot's own word. p_terms replace what was noted when it was
-- earned: day, pots, expires_at, idle_rule, coupon. A coupon is issued now, or refused with
-- `earning_issue`'s word. Points that were to wait longer than until now still do.
-- The lot belongs to the award, and no longer to the order behind it: a refund takes back what the
-- order's lines earned, not what was claimed for having ordered.
--
-- Locks: the member's wallet, the award, then the template or pots (see grants.sql). One claim a transaction.
create or replace function earning_claim(
  p_award uuid, p_member uuid, p_terms jsonb, p_at timestamptz, p_actor text
) returns jsonb language plpgsql as $$
declare
  v_award earning_award;
  v_item jsonb;
  v_reason text;
begin
  perform ledger_open_wallet(p_member, 'points', p_at);
  select * into v_award from earning_award where id = p_award and member_id = p_member for update;
  if not found or v_award.status <> 'claimable' or (v_award."grant"->>'is_waiting')::boolean
     or earning_is_undone(v_award.source_type, v_award.source_id) then
    return jsonb_build_array(0, 'gone');
  end if;
  v_item := v_award."grant" || p_terms || jsonb_build_object(
    'occurred_at', p_at, 'source_type', 'task', 'source_id', p_award,
    'matures_at', greatest((v_award."grant"->>'matures_at')::timestamptz, p_at));
  if jsonb_typeof(v_item->'coupon') = 'object' then
    v_reason := earning_issue(v_item);
  else
    v_reason := earning_take(v_item);
  end if;
  if v_reason <> '' then
    return jsonb_build_array(0, v_reason);
  end if;
  if jsonb_typeof(v_item->'coupon') is distinct from 'object' then
    perform ledger_grant(jsonb_build_array(v_item), p_at, p_actor);
  end if;
  update earning_award
     set status = 'granted', granted_points = (v_item->>'amount')::bigint, "grant" = null,
         counted = '{}'
   where id = p_award;
  update earning_earningevent set points_earned = points_earned + (v_item->>'amount')::bigint
   where id = v_award.source_id and v_award.source_type = 'event';
  return jsonb_build_array(v_item->'amount', '');
end $$;
