-- Reads and sums on the orders' path, as functions so that their plans are kept between calls.

-- Ids of the members with these names (external ids) or ids: {name: id, …}.
create or replace function members_find(p_names text[], p_ids uuid[]) returns jsonb
language plpgsql stable as $$
begin
  if cardinality(p_ids) = 0 and cardinality(p_names) = 1 then  -- what most calls are
    return coalesce((select jsonb_build_object(m.external_id, m.id)
                       from members_member m where m.external_id = p_names[1]), '{}');
  end if;
  if cardinality(p_ids) = 0 then
    return (select coalesce(jsonb_object_agg(m.external_id, m.id), '{}')
              from members_member m where m.external_id = any(p_names));
  end if;
  return (select coalesce(jsonb_object_agg(m.external_id, m.id), '{}')
            from members_member m where m.external_id = any(p_names) or m.id = any(p_ids));
end $$;

create or replace function members_exists(p_id uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select 1 from members_member where id = p_id);
end $$;

-- Add orders, money and the latest order's time to members' running sums; rows are locked in the
-- order of their ids, so that two batches with the same members do not lock each other out.
create or replace function members_count_orders(
  p_ids uuid[], p_orders integer[], p_cents bigint[], p_latest timestamptz[]
) returns void language plpgsql as $$
begin
  if cardinality(p_ids) = 1 then
    update members_member set orders_count = orders_count + p_orders[1],
           spent_cents = spent_cents + p_cents[1],
           last_order_at = greatest(last_order_at, p_latest[1])
     where id = p_ids[1];
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
    from new join locked on locked.id = new.id where m.id = new.id;
end $$;
