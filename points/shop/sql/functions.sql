-- Stock of the shop. Rows are locked in order of their ids, so that two orders of the same things
-- never wait for each other.

-- Take pieces of variants: {"<variant>": quantity}. Answers {"short": {"<variant>": left}} and changes
-- nothing when fewer are left of any; or {"low": [[variant, product, sku, stock]]} with those whose
-- stock fell to their threshold by this.
create or replace function shop_take_stock(p_items jsonb) returns jsonb language plpgsql as $$
declare
  v_ids uuid[] := array(select key::uuid from jsonb_object_keys(p_items) as key);
  v_short jsonb;
  v_low jsonb;
begin
  perform 1 from shop_variant where id = any(v_ids) order by id for update;
  select jsonb_object_agg(w.key, coalesce(v.stock, 0)) into v_short
    from jsonb_each_text(p_items) w left join shop_variant v on v.id = w.key::uuid
   where v.id is null or v.stock < w.value::bigint;
  if v_short is not null then
    return jsonb_build_object('short', v_short);
  end if;
  with taken as (
    update shop_variant v
       set stock = v.stock - w.value::bigint, sold_count = v.sold_count + w.value::bigint
      from jsonb_each_text(p_items) w where v.id = w.key::uuid
    returning v.id, v.product_id, v.sku, v.stock, v.low_stock_at, w.value::bigint as pieces)
  select jsonb_agg(jsonb_build_array(id, product_id, sku, stock) order by id) into v_low
    from taken where stock <= low_stock_at and stock + pieces > low_stock_at;
  return jsonb_build_object('low', coalesce(v_low, '[]'));
end $$;

-- Give pieces back that were taken and not sold after all.
create or replace function shop_put_back_stock(p_items jsonb) returns void language plpgsql as $$
begin
  perform 1 from shop_variant
    where id = any(array(select key::uuid from jsonb_object_keys(p_items) as key))
    order by id for update;
  update shop_variant v
     set stock = v.stock + w.value::bigint,
         sold_count = greatest(0, v.sold_count - w.value::bigint)
    from jsonb_each_text(p_items) w where v.id = w.key::uuid;
end $$;
