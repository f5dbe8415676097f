-- Storing orders: one call for one order or a thousand.

-- Which of these orders are stored: [[channel, external_id, id, fingerprint, points_earned], …].
create or replace function orders_known(p_channels text[], p_external_ids text[]) returns jsonb
language plpgsql stable as $$
begin
  if cardinality(p_external_ids) = 1 then  -- a set of one would be planned for as a hundred
    return (
      select coalesce(jsonb_agg(jsonb_build_array(
               channel, external_id, id, fingerprint, points_earned)), '[]')
        from orders_order where channel = p_channels[1] and external_id = p_external_ids[1]);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_array(
             o.channel, o.external_id, o.id, o.fingerprint, o.points_earned)), '[]')
      from unnest(p_channels, p_external_ids) as k(channel, external_id)
      join orders_order o on o.channel = k.channel and o.external_id = k.external_id);
end $$;

-- Insert orders with their lines; fails when one of them is stored already. The keys of an order
-- and of a line are the columns of their tables; an order's `lines` is a list of lines.
create or replace function orders_record(p_orders jsonb) returns void language plpgsql as $$
begin
  insert into orders_order select * from jsonb_populate_recordset(null::orders_order, p_orders);
  insert into orders_orderline
  select l.* from jsonb_array_elements(p_orders) as o,
         jsonb_populate_recordset(null::orders_orderline, o -> 'lines') as l;
end $$;

-- What these orders really earned, where limits cut what was planned; items as for orders_record.
create or replace function orders_correct(p_orders jsonb) returns void language sql as $$
  update orders_order o set points_earned = n.points_earned
    from jsonb_populate_recordset(null::orders_order, p_orders) as n where o.id = n.id;
  update orders_orderline l set points = n.points
    from jsonb_array_elements(p_orders) as o,
         jsonb_populate_recordset(null::orders_orderline, o -> 'lines') as n
   where l.order_id = n.order_id and l.position = n.position;
$$;
