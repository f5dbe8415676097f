-- Events: which are known, and storing them.

-- [[external_id, fingerprint, id, points_earned], …] of the events that were told before.
create or replace function earning_events_known(p_ids text[]) returns jsonb
language plpgsql stable as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_array(external_id, fingerprint, id, points_earned)), '[]')
            from earning_earningevent where external_id = any(p_ids));
end $$;

-- Store events; each has earned what its awards granted. Fails when one is stored already. Raises
-- JFM01 when a member was merged meanwhile: the caller looks again. Members are locked as a foreign
-- key would lock them, so that a merge waits for the events it has to move.
create or replace function earning_record_events(p_events jsonb) returns jsonb
language plpgsql as $$
declare
  v_earned jsonb;
begin
  perform 1 from members_member m
    where m.id in (select (e.value->>'member_id')::uuid from jsonb_array_elements(p_events) as e)
    order by m.id for key share;
  if exists (select 1 from members_member m where m.merged_into_id is not null and m.id in (
       select (e.value->>'member_id')::uuid from jsonb_array_elements(p_events) as e)) then
    raise exception 'a member was merged' using errcode = 'JFM01';
  end if;
  with stored as (
    insert into earning_earningevent (id, external_id, fingerprint, type, member_id, properties,
        evaluation, points_earned, occurred_at, received_at)
    select e.id, e.external_id, e.fingerprint, e.type, e.member_id, e.properties, e.evaluation,
           coalesce((select sum(a.granted_points) from earning_award a where a.source_id = e.id), 0),
           e.occurred_at, e.received_at
      from jsonb_populate_recordset(null::earning_earningevent, p_events) as e
    returning id, points_earned
  )
  select coalesce(jsonb_object_agg(id, points_earned), '{}') into v_earned from stored;
  return v_earned;
end $$;

-- The rules with all versions, the payers and their pots, under the revision they belong to; null
-- when the caller knows that revision already.
create or replace function earning_rules(p_known text) returns jsonb
language plpgsql stable as $$
declare
  v_revision text;
begin
  select revision::text into v_revision from program_program where id = 1;
  if v_revision = p_known then
    return null;
  end if;
  return jsonb_build_object(
    'revision', v_revision,
    'rules', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'code', r.code,
                'versions', (select jsonb_agg(jsonb_build_object('number', v.number,
                               'document', v.document, 'effective_from', v.effective_from)
                               order by v.number)
                               from earning_ruleversion v where v.rule_id = r.id))), '[]')
                from earning_earningrule r
               where exists (select 1 from earning_ruleversion v where v.rule_id = r.id)),
    'payers', (select jsonb_agg(jsonb_build_object('id', f.id, 'code', f.code,
                 'unit_cost_micros', f.unit_cost_micros)) from ledger_fundingsource f),
    'pots', (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'owner', p.owner,
               'measure', p.measure, 'on_limit', p.on_limit,
               'takes_revenue', p.revenue_rate is not null)), '[]')
               from budget_pot p where p.is_open));
end $$;
