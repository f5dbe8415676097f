-- What happened to coupons, one event each, in the order of their ids.
create or replace function coupons_tell(p_topic text, p_ids uuid[], p_at timestamptz)
returns void language sql as $$
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  select gen_random_uuid(), p_topic, c.member_id::text,
         jsonb_build_object('coupon_id', c.id, 'code', c.code, 'template', t.code,
                            'member_id', c.member_id, 'reference', nullif(c.reference, ''),
                            'discount_cents', c.discount_cents,
                            'valid_until', to_char(c.valid_until at time zone 'UTC',
                                                   'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')),
         p_at, 0
    from coupons_coupon c join coupons_coupontemplate t on t.id = c.template_id
   where c.id = any(p_ids) order by c.id
$$;

-- Issue coupons of one template: for each of p.rows ({id, code, member, source, source_id}) what
-- became of it, in their order, as {"id", "outcome"}.
-- Outcomes: issued; repeated (the key was told before, so); conflict (the key was told before, of
-- another member or template); inactive, limit, exhausted. Unless p.skips, one that cannot be
-- issued keeps all others back, and nothing is written.
-- The caller holds the members' wallets, which makes their limit exact; the template's row, on which
-- all callers meet, is locked after them, and not at all where there is nothing to issue.
create or replace function coupons_issue(p jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_id uuid := (p->>'template')::uuid;
  v_skips boolean := (p->>'skips')::boolean;
  v_template coupons_coupontemplate;
  v_found jsonb;
  v_issued uuid[];
  v_refused bigint;
begin
  select * into v_template from coupons_coupontemplate where id = v_id;
  if v_template.status = 'active'
     and (v_template.total is null or v_template.issued_count < v_template.total)
     and exists (select from jsonb_to_recordset(p->'rows') as r(source text, source_id text)
                  where not exists (select from coupons_coupon c
                                     where c.source = r.source and c.source_id = r.source_id)) then
    select * into v_template from coupons_coupontemplate where id = v_id for update;
  end if;
  with told as (
    select n, (r->>'id')::uuid as id, (r->>'member')::uuid as member, r->>'source' as source,
           r->>'source_id' as source_id
      from jsonb_array_elements(p->'rows') with ordinality as given(r, n)
  ), seen as (
    select t.*, c.id as old, c.member_id = t.member and c.template_id = v_id as is_same
      from told t left join coupons_coupon c on c.source = t.source and c.source_id = t.source_id
  ), counted as (
    select s.*, row_number() over (partition by member, old is null order by n)
                + (select count(*) from coupons_coupon c where c.member_id = s.member
                    and c.template_id = v_id and c.state <> 'voided') as nth
      from seen s
  ), judged as (
    select *, case when old is not null then case when is_same then 'repeated' else 'conflict' end
                   when v_template.status <> 'active' then 'inactive'
                   when nth > v_template.per_member then 'limit' end as why
      from counted
  ), decided as (
    select *, coalesce(why, case when row_number() over (partition by why order by n)
                                      > v_template.total - v_template.issued_count
                                 then 'exhausted' else 'issued' end) as outcome
      from judged
  )
  select jsonb_agg(jsonb_build_object('id', coalesce(old, id), 'outcome', outcome) order by n),
         array_agg(id) filter (where outcome = 'issued'),
         count(*) filter (where outcome not in ('issued', 'repeated'))
    into v_found, v_issued, v_refused from decided;
  if v_issued is null or (v_refused > 0 and not v_skips) then
    return v_found;
  end if;
  insert into coupons_coupon (id, code, template_id, member_id, terms, state, source, source_id,
                              issued_at, issued_by, valid_from, valid_until, reference, used_by,
                              discount_cents, returned_from, ended_by, void_reason)
  select r.id, r.code, v_id, r.member, p->'terms', 'issued', r.source, r.source_id, p_at,
         p->>'actor', (p->>'valid_from')::timestamptz, (p->>'valid_until')::timestamptz,
         '', '', 0, '', '', ''
    from jsonb_to_recordset(p->'rows')
         as r(id uuid, code text, member uuid, source text, source_id text)
   where r.id = any(v_issued) order by r.source, r.source_id;
  update coupons_coupontemplate set issued_count = issued_count + cardinality(v_issued)
   where id = v_id;
  perform coupons_tell('coupon.issued', v_issued, p_at);
  return v_found;
end $$;

-- Book what is over by p_at, at most p_limit of each: locks that ran out, and coupons whose time is
-- over and that no checkout holds. Returns how many rows. Whoever holds a row is left to do so.
create or replace function coupons_sweep(p_at timestamptz, p_limit integer) returns bigint
language plpgsql as $$
declare
  v_expired uuid[];
  v_freed bigint;
begin
  with due as (
    select id from coupons_coupon
     where state in ('issued', 'locked') and valid_until <= p_at
       and (state = 'issued' or locked_until <= p_at)
     order by valid_until, id limit p_limit for update skip locked
  ), booked as (
    update coupons_coupon c
       set state = 'expired', reference = '', locked_at = null, locked_until = null,
           ended_at = c.valid_until, ended_by = 'system'
      from due where c.id = due.id returning c.id
  )
  select array_agg(id) into v_expired from booked;
  with due as (
    select id from coupons_coupon where state = 'locked' and locked_until <= p_at
     order by locked_until, id limit p_limit for update skip locked
  )
  update coupons_coupon c
     set state = 'issued', reference = '', locked_at = null, locked_until = null
    from due where c.id = due.id;
  get diagnostics v_freed = row_count;
  if v_expired is not null then
    perform coupons_tell('coupon.expired', v_expired, p_at);
  end if;
  return v_freed + coalesce(cardinality(v_expired), 0);
end $$;
