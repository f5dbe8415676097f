-- Exchanging points for an item: the row that says so, and the unit taken from the stock.

-- Store a redemption and take its units. Answers false, and the caller rolls back, when fewer are
-- left. The item's row, on which all buyers meet, is touched last.
create or replace function redemption_record(p jsonb) returns boolean language plpgsql as $$
declare
  v_item uuid := (p->>'item_id')::uuid;
  v_quantity integer := (p->>'quantity')::integer;
begin
  insert into redemption_redemption (id, code, member_id, item_id, quantity, points, price_cents,
      currency, address, status, transaction_id, created_at, fulfilled_by, tracking, cancelled_by,
      cancel_reason)
  values ((p->>'id')::uuid, p->>'code', (p->>'member_id')::uuid, v_item, v_quantity,
      (p->>'points')::bigint, (p->>'price_cents')::bigint, p->>'currency',
      nullif(p->'address', 'null'), 'pending', (p->>'transaction_id')::bigint,
      (p->>'created_at')::timestamptz, '', '', '', '');
  update redemption_mallitem
     set stock = stock - v_quantity, redeemed_count = redeemed_count + v_quantity
   where id = v_item and (stock is null or stock >= v_quantity);
  return found;
end $$;

-- Units of an item that a member has redeemed, without cancelled ones.
create or replace function redemption_count(p_item uuid, p_member uuid) returns bigint
language plpgsql stable as $$
begin
  return (select coalesce(sum(quantity), 0) from redemption_redemption
           where item_id = p_item and member_id = p_member and status <> 'cancelled');
end $$;
