-- The auditors' view of stock: what was there, what went out and came back. A row for each item of the
-- points mall and for each of its variants, then one for each variant of the shop.
create view audit_stock as
  select i.id as mall_item_id, i.stock, i.redeemed_count,
         (select coalesce(sum(r.quantity), 0) from redemption_redemption r
           where r.item_id = i.id and r.status <> 'cancelled') as redeemed_quantity,
         null::uuid as variant_id, null::text as sku, null::bigint as sold_count
    from redemption_mallitem i
   union all
  select v.item_id, v.stock, v.redeemed_count,
         (select coalesce(sum(r.quantity), 0) from redemption_redemption r
           where r.variant_id = v.id and r.status <> 'cancelled'),
         v.id, null, null
    from redemption_mallvariant v
   union all
  select null, v.stock, null, null, v.id, v.sku, v.sold_count from shop_variant v;
