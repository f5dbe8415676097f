-- Exchanging points for an item: the row that says so, and the unit taken from the stock.

-- Tell that a stock has just come down to its threshold: once per crossing, as the stock's row is
-- locked by whoever takes from it.
create or replace function redemption_tell_low(p_item uuid, p_variant uuid, p_left bigint,
  p_taken integer, p_threshold bigint, p_at timestamptz) returns void language plpgsql as $$
begin
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  select gen_random_uuid(), 'mall_item.low_stock', 'mall_item:' || p_item,
         jsonb_build_object('mall_item_id', p_item, 'variant_id', p_variant, 'title_zh', i.title_zh,
                            'title_en', i.title_en, 'stock', p_left, 'low_stock_at', p_threshold),
         p_at, 0
    from redemption_mallitem i
   where i.id = p_item and p_left <= p_threshold and p_left + p_taken > p_threshold;
end $$;

-- Store a redemption and take its units. Answers false, and the caller rolls back, when fewer are
-- left. The rows on which all buyers meet are touched last.
create or replace function redemption_record(p jsonb) returns boolean language plpgsql as $$
declare
  v_item uuid := (p->>'item_id')::uuid;
  v_variant uuid := (p->>'variant_id')::uuid;
  v_quantity integer := (p->>'quantity')::integer;
  v_at timestamptz := (p->>'created_at')::timestamptz;
  v_left bigint;
  v_threshold bigint;
begin
  insert into redemption_redemption (id, code, member_id, item_id, variant_id, quantity, points,
      price_cents, currency, address, status, transaction_id, hold_id, payment, pay_by, paid_at,
      paid_by, cash_transaction_id, delivery, valid_until, created_at, fulfilled_by, tracking,
      cancelled_by, cancel_reason)
  values ((p->>'id')::uuid, p->>'code', (p->>'member_id')::uuid, v_item, v_variant, v_quantity,
      (p->>'points')::bigint, (p->>'price_cents')::bigint, p->>'currency',
      nullif(p->'address', 'null'), p->>'status', (p->>'transaction_id')::bigint,
      (p->>'hold_id')::uuid, p->>'payment', (p->>'pay_by')::timestamptz,
      (p->>'paid_at')::timestamptz, p->>'paid_by', (p->>'cash_transaction_id')::bigint,
      p->>'delivery', (p->>'valid_until')::timestamptz, v_at, '', '', '', '');
  if v_variant is not null then
    update redemption_mallvariant
       set stock = stock - v_quantity, redeemed_count = redeemed_count + v_quantity
     where id = v_variant and item_id = v_item and not is_retired
       and (stock is null or stock >= v_quantity)
    returning stock, low_stock_at into v_left, v_threshold;
    if not found then
      return false;
    end if;
    if v_left <= v_threshold then
      perform redemption_tell_low(v_item, v_variant, v_left, v_quantity, v_threshold, v_at);
    end if;
  end if;
  update redemption_mallitem
     set stock = stock - v_quantity, redeemed_count = redeemed_count + v_quantity
   where id = v_item and has_variants = (v_variant is not null)
     and (stock is null or stock >= v_quantity)
  returning stock, low_stock_at into v_left, v_threshold;
  if not found then
    return false;
  end if;
  if v_left <= v_threshold then
    perform redemption_tell_low(v_item, null, v_left, v_quantity, v_threshold, v_at);
  end if;
  return true;
end $$;

-- Units of an item that a member has redeemed since a moment (null: ever), without cancelled ones.
drop function if exists redemption_count(uuid, uuid);
create or replace function redemption_count(p_item uuid, p_member uuid, p_since timestamptz)
returns bigint language plpgsql stable as $$
begin
  return (select coalesce(sum(quantity), 0) from redemption_redemption
           where item_id = p_item and member_id = p_member and status <> 'cancelled'
             and (p_since is null or created_at >= p_since));
end $$;

-- Put units back: of a cancelled redemption. What has variants has no stock of its own (null).
create or replace function redemption_put_back(p_item uuid, p_variant uuid, p_quantity integer)
returns void language plpgsql as $$
begin
  update redemption_mallvariant
     set stock = stock + p_quantity, redeemed_count = redeemed_count - p_quantity
   where id = p_variant;
  update redemption_mallitem
     set stock = stock + p_quantity, redeemed_count = redeemed_count - p_quantity
   where id = p_item;
end $$;

-- Put codes into an item's pool, those that no pool has yet, and count them into the stock; the
-- numbers (from 1, in the order given) of those that were put in.
create or replace function redemption_add_codes(p_item uuid, p_sealed text[], p_digests text[],
  p_tails text[], p_by text, p_at timestamptz) returns integer[] language plpgsql as $$
declare
  v_added text[];
begin
  perform 1 from redemption_mallitem where id = p_item for update;
  with given as (
    select * from unnest(p_sealed, p_digests, p_tails) with ordinality as t(sealed, digest, tail, n)
     order by n
  ), added as (
    insert into redemption_giftcode (item_id, sealed, digest, tail, added_at, added_by)
    select p_item, sealed, digest, tail, p_at, p_by from given
    on conflict (digest) do nothing returning digest
  )
  select coalesce(array_agg(digest), '{}') into v_added from added;
  update redemption_mallitem set stock = coalesce(stock, 0) + cardinality(v_added) where id = p_item;
  return array(select n::integer from unnest(p_digests) with ordinality as t(digest, n)
                where digest = any(v_added) order by n);
end $$;

-- Take so many codes for a redemption; answers how many there were. Nobody waits for another.
create or replace function redemption_take_codes(p_item uuid, p_redemption uuid, p_count integer,
  p_at timestamptz) returns integer language plpgsql as $$
declare
  v_taken integer;
begin
  with free as (
    select id from redemption_giftcode
     where item_id = p_item and redemption_id is null
     order by id limit p_count for update skip locked
  )
  update redemption_giftcode g set redemption_id = p_redemption, taken_at = p_at
    from free where g.id = free.id;
  get diagnostics v_taken = row_count;
  return v_taken;
end $$;
