"""Which endpoint gets a copy of an event: the SQL that the outbox runs as it takes events."""

from points.webhooks.catalogue import EVENTS

_TOPICS = ", ".join(f"'{topic}'" for topic in EVENTS)

# One row per enabled endpoint that wants the topic. `*` means every topic of the catalogue, never
# what is told for the house alone (the audit trail).
COPY_EVENTS = f"""
insert into webhooks_webhookdelivery (endpoint_id, event_id, topic, subject, sequence, data,
    occurred_at, status, attempts, created_at, next_attempt_at, error, response_body, tries)
select e.id, t.event_id, t.topic, t.subject, t.id, t.payload, t.occurred_at, 'pending', 0,
       %(at)s, %(at)s, '', '', '[]'
  from told t join webhooks_webhookendpoint e on e.status = 'enabled'
   and (e.topics @> to_jsonb(t.topic) or e.topics @> '"*"')
 where t.topic in ({_TOPICS})
 order by t.id
on conflict (endpoint_id, event_id) do nothing"""
