"""Many members put on tiers by hand at once, as they were in another system."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from kernel.db import connection


class Placement(msgspec.Struct, frozen=True):
    """A member's tier until a date, whatever is earned."""

    member_id: uuid.UUID
    tier: str
    until: datetime


# As `actions.set_by_hand` does for one: rows in order of id, a move of each, told if it changed.
_PLACE = """
with n as materialized (
  select p.member_id, p.until, t.id as tier_id, t.code
    from jsonb_to_recordset(%(placements)s) as p(member_id uuid, tier text, until timestamptz)
    join tiers_tier t on t.code = p.tier
), made as (
  insert into tiers_membertier (member_id, reason) select member_id, '' from n order by member_id
  on conflict (member_id) do nothing
)
select 1
"""
_LOCKED = """
with n as materialized (
  select p.member_id, p.until, t.id as tier_id, t.code
    from jsonb_to_recordset(%(placements)s) as p(member_id uuid, tier text, until timestamptz)
    join tiers_tier t on t.code = p.tier
), before as materialized (
  select b.member_id, b.tier_id from tiers_membertier b join n on n.member_id = b.member_id
   where b.tier_id is distinct from n.tier_id or b.manual_until is distinct from n.until
   order by b.member_id for update of b
), placed as (
  update tiers_membertier b
     set tier_id = n.tier_id, manual_until = n.until, reason = %(reason)s,
         since = case when b.tier_id is distinct from n.tier_id then %(at)s else b.since end,
         next_review_at = least(coalesce(b.grace_ends_at, b.keeps_until), n.until)
    from n join before on before.member_id = n.member_id
   where b.member_id = n.member_id
), moved as (
  insert into tiers_tiermove (member_id, kind, from_tier_id, to_tier_id, why, actor, occurred_at,
                              recorded_at)
  select n.member_id, 'manual', before.tier_id, n.tier_id,
         jsonb_build_object('reason', %(reason)s::text, 'until', n.until), %(actor)s, %(at)s, %(at)s
    from n join before on before.member_id = n.member_id order by n.member_id
), told as (
  insert into kernel_outboxevent (event_id, topic, subject, payload, occurred_at, attempts)
  select gen_random_uuid(), 'tier.changed', n.member_id::text,
         jsonb_build_object('member_id', n.member_id, 'from', coalesce(f.code, first.code),
           'to', n.code, 'kind', 'manual',
           'why', jsonb_build_object('reason', %(reason)s::text, 'until', n.until)), %(at)s, 0
    from n join before on before.member_id = n.member_id
    left join tiers_tier f on f.id = before.tier_id
    left join tiers_tier first on first.threshold = 0
   where before.tier_id is distinct from n.tier_id
)
select count(*) from before
"""


def place_by_hand(*, placements: Sequence[Placement], reason: str, at: datetime, actor: str) -> int:
    """Put members on tiers until dates; at most one placement of each. How many it changed.

    Two statements for any number. Tiers that are not there any more are left out.
    """
    if not placements:
        return 0
    values = {
        "placements": msgspec.json.encode(placements).decode(), "reason": reason, "at": at,
        "actor": actor,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, values)
        cursor.execute(_LOCKED, values)
        return int(cursor.fetchone()[0])
