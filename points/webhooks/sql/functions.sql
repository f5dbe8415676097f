-- The next deliveries to send, leased until p_lease_until: of each enabled endpoint the oldest that
-- are due and stand first in their subject's line, p_width at once (one while it fails), p_most in
-- all. Two callers never wait for each other: an endpoint in another's hands is passed over.
-- [[id, endpoint id, url, sealed secret, sealed previous secret or null, event id, topic,
--   occurred at, data, attempts]]
create or replace function webhooks_claim(
  p_at timestamptz, p_lease_until timestamptz, p_width int, p_most int
) returns jsonb language plpgsql as $$
declare
  v_open uuid[];
  v_claims jsonb;
begin
  -- A statement of its own: the next one then sees what whoever held the lock before has leased.
  select array_agg(locked.id) into v_open from (
    select e.id from webhooks_webhookendpoint e
     where e.status = 'enabled'
       and exists (select 1 from webhooks_webhookdelivery d
                    where d.endpoint_id = e.id and d.status = 'pending')
     order by e.id for no key update skip locked) as locked;
  if v_open is null then
    return '[]';
  end if;
  with room as (
    select e.id, greatest(0, case when e.failing_since is null then p_width else 1 end -
             (select count(*) from webhooks_webhookdelivery f
               where f.endpoint_id = e.id and f.leased_until is not null
                 and f.leased_until > p_at)) as width
      from webhooks_webhookendpoint e where e.id = any(v_open)
  ), picked as (
    select first.id from room r cross join lateral (
      select d.id from webhooks_webhookdelivery d
       where d.endpoint_id = r.id and d.status = 'pending' and d.next_attempt_at <= p_at
         and (d.leased_until is null or d.leased_until <= p_at)
         -- One look into webhook_in_line for each row. `not exists` would be planned as a join over
         -- all that waits, which takes seconds when a receiver has been away.
         and d.sequence = (select b.sequence from webhooks_webhookdelivery b
                            where b.endpoint_id = d.endpoint_id and b.subject = d.subject
                              and b.status = 'pending' order by b.sequence limit 1)
       order by d.sequence limit r.width) as first
     limit p_most
  ), taken as (
    update webhooks_webhookdelivery d set leased_until = p_lease_until
      from picked p where d.id = p.id returning d.*
  )
  select coalesce(jsonb_agg(jsonb_build_array(
           t.id, t.endpoint_id, e.url, e.sealed_secret,
           case when e.previous_until > p_at then e.sealed_previous end,
           t.event_id, t.topic, t.occurred_at, t.data, t.attempts) order by t.sequence), '[]')
    into v_claims
    from taken t join webhooks_webhookendpoint e on e.id = t.endpoint_id;
  return v_claims;
end $$;

-- What became of tries: p_tries is [{id, endpoint_id, outcome (delivered, failed, parked), status,
-- error, duration_ms, body, next_attempt_at}]. A delivery that somebody else finished meanwhile stays
-- as it is. An endpoint that is gone (410), or has failed since before p_failing_before, is disabled.
-- [[endpoint id, url, reason]] of those that this call disabled.
create or replace function webhooks_record(
  p_tries jsonb, p_at timestamptz, p_failing_before timestamptz
) returns jsonb language plpgsql as $$
declare
  v_disabled jsonb;
begin
  perform 1 from webhooks_webhookendpoint
    where id in (select (t->>'endpoint_id')::uuid from jsonb_array_elements(p_tries) t)
    order by id for no key update;
  update webhooks_webhookdelivery d
     set status = case t.outcome when 'failed' then 'pending' else t.outcome end,
         attempts = d.attempts + 1, leased_until = null, next_attempt_at = t.next_attempt_at,
         finished_at = case when t.outcome <> 'failed' then p_at end,
         response_status = t.status, error = t.error, duration_ms = t.duration_ms,
         response_body = t.body,
         tries = d.tries || jsonb_build_array(jsonb_build_object('at', p_at, 'status', t.status,
                              'error', t.error, 'duration_ms', t.duration_ms))
    from jsonb_to_recordset(p_tries) as t(id bigint, outcome text, status int, error text,
           duration_ms int, body text, next_attempt_at timestamptz)
   where d.id = t.id and d.status = 'pending';
  with heard as (
    select t.endpoint_id, bool_or(t.outcome = 'delivered') as is_well,
           bool_or(t.error = 'gone') as is_gone
      from jsonb_to_recordset(p_tries) as t(endpoint_id uuid, outcome text, error text)
     group by t.endpoint_id
  ), judged as (
    select e.id, h.is_well, case when e.status <> 'enabled' then ''
             when h.is_gone then 'gone'
             when not h.is_well and e.failing_since <= p_failing_before then 'failing'
             else '' end as reason
      from heard h join webhooks_webhookendpoint e on e.id = h.endpoint_id
  ), changed as (
    update webhooks_webhookendpoint e
       set failing_since = case when j.is_well then null else coalesce(e.failing_since, p_at) end,
           last_delivered_at = case when j.is_well then p_at else e.last_delivered_at end,
           status = case when j.reason <> '' then 'auto_disabled' else e.status end,
           status_reason = case when j.reason <> '' then j.reason else e.status_reason end
      from judged j where e.id = j.id
    returning e.id, e.url, j.reason
  )
  select coalesce(jsonb_agg(jsonb_build_array(c.id, c.url, c.reason)), '[]') into v_disabled
    from changed c where c.reason <> '';
  return v_disabled;
end $$;
