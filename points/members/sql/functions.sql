-- Reads and sums on the orders' path, as functions so that their plans are kept between calls.

-- Who is meant by each of these names in its channel, or by an id: [[channel, name, id], …], for an
-- id [null, the id, id]. What the channel itself calls a member goes first, then the member's
-- external id. A member who was merged stands for the one who took over.
create or replace function members_find_buyers(p_channels text[], p_names text[], p_ids uuid[])
returns jsonb language plpgsql stable as $$
declare
  v_found uuid;
begin
  if cardinality(p_ids) = 0 and cardinality(p_names) = 1 then  -- what most calls are
    if p_channels[1] <> 'api' then
      select coalesce(m.merged_into_id, m.id) into v_found
        from members_memberidentity i join members_member m on m.id = i.member_id
       where i.external_id = p_names[1] and i.channel = p_channels[1];
    end if;
    if v_found is null then
      select coalesce(merged_into_id, id) into v_found
        from members_member where external_id = p_names[1];
    end if;
    return case when v_found is null then '[]'
                else jsonb_build_array(jsonb_build_array(p_channels[1], p_names[1], v_found)) end;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_array(channel, name, id)), '[]') from (
      select asked.channel, asked.name, coalesce(linked.merged_into_id, linked.id,
               m.merged_into_id, m.id) as id
        from unnest(p_channels, p_names) as asked(channel, name)
        left join members_memberidentity i
          on asked.channel <> 'api' and i.external_id = asked.name and i.channel = asked.channel
        left join members_member linked on linked.id = i.member_id
        left join members_member m on m.external_id = asked.name
      union all
      select null, id::text, coalesce(merged_into_id, id) from members_member where id = any(p_ids)
    ) found where id is not null);
end $$;

create or replace function members_exists(p_id uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from members_member where id = p_id and merged_into_id is null);
end $$;

-- Add orders, money and the latest order's time to members' running sums; rows are locked in the
-- order of their ids, so that two batches with the same members do not lock each other out. Raises
-- JFM01 when one of them was merged into another meanwhile: the caller looks again.
create or replace function members_count_orders(
  p_ids uuid[], p_orders integer[], p_cents bigint[], p_latest timestamptz[]
) returns void language plpgsql as $$
declare
  v_counted integer;
begin
  if cardinality(p_ids) = 1 then
    update members_member set orders_count = orders_count + p_orders[1],
           spent_cents = spent_cents + p_cents[1],
           last_order_at = greatest(last_order_at, p_latest[1])
     where id = p_ids[1] and merged_into_id is null;
    if not found then
      raise exception 'member % was merged', p_ids[1] using errcode = 'JFM01';
    end if;
    return;
  end if;
  with new as (
    select * from unnest(p_ids, p_orders, p_cents, p_latest) as n(id, orders, cents, latest)
  ), locked as (
    select m.id from members_member m where m.id = any(p_ids) order by m.id for update
  )
  update members_member m set orders_count = m.orders_count + new.orders,
         spent_cents = m.spent_cents + new.cents,
         last_order_at = greatest(m.last_order_at, new.latest)
    from new join locked on locked.id = new.id
   where m.id = new.id and m.merged_into_id is null;
  get diagnostics v_counted = row_count;
  if v_counted <> cardinality(p_ids) then
    raise exception 'a member was merged' using errcode = 'JFM01';
  end if;
end $$;
