-- Storing orders: one call for one order or a thousand.

-- Which of these orders are stored: [[channel, external_id, id, fingerprint, points_earned], …].
create function orders_known(p_channels text[], p_external_ids text[]) returns jsonb
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

-- Insert orders with their lines; fails when one of them is stored already.
create function orders_record(p_orders jsonb) returns void language plpgsql as $$
begin
  with item as (
    select * from jsonb_to_recordset(p_orders) as i(
      id uuid, channel text, external_id text, fingerprint text, member_id uuid, status text,
      currency text, goods_cents bigint, shipping_cents bigint, tax_cents bigint,
      discount_cents bigint, offset_points bigint, offset_cents bigint, hold_id uuid,
      spend_transaction_id bigint, points_earned bigint, evaluation jsonb,
      granted_at timestamptz, placed_at timestamptz, completed_at timestamptz,
      received_at timestamptz, lines jsonb)
  ), lined as (
    insert into orders_orderline (order_id, position, external_id, sku, category, quantity,
      amount_cents, points, refunded_quantity, refunded_cents, points_clawed_back)
    select item.id, l.position, l.external_id, l.sku, l.category, l.quantity, l.amount_cents,
      l.points, 0, 0, 0
      from item cross join lateral jsonb_to_recordset(item.lines) as l(
        position smallint, external_id text, sku text, category text, quantity int,
        amount_cents bigint, points bigint)
  )
  insert into orders_order (id, channel, external_id, fingerprint, member_id, status, currency,
      goods_cents, shipping_cents, tax_cents, discount_cents, offset_points, offset_cents,
      hold_id, spend_transaction_id, refunded_cents, points_earned, points_clawed_back,
      points_returned, evaluation, granted_at, placed_at, completed_at, received_at)
  select id, channel, external_id, fingerprint, member_id, status, currency, goods_cents,
      shipping_cents, tax_cents, discount_cents, offset_points, offset_cents, hold_id,
      spend_transaction_id, 0, points_earned, 0, 0, evaluation, granted_at, placed_at,
      completed_at, received_at
    from item;
end $$;
