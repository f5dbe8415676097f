"""Many members at once, from another system: added and changed by a few statements each.

Quiet: nothing is told and no occasion happens, as these people did not join today.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from kernel.db import connection
from kernel.ids import new_id


class Record(msgspec.Struct, kw_only=True):
    """What is known of a member. Empty text, None and empty lists say nothing."""

    external_id: str
    channel: str = "api"
    name: str = ""
    phone: str = ""
    email: str = ""
    birthday: date | None = None
    joined_at: datetime | None = None
    tags: list[str] = []
    custom: dict[str, Any] = {}
    member: uuid.UUID | None = None


class Profile(msgspec.Struct, array_like=True, frozen=True):
    """What is stored of a member now."""

    id: uuid.UUID
    name: str
    phone: str
    email: str
    birthday: date | None
    joined_at: datetime
    tags: list[str]
    custom: dict[str, Any]
    is_erased: bool


_profiles = msgspec.json.Decoder(list[Profile])


def get_profiles(*, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Profile]:
    """The records of these members. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(jsonb_agg(jsonb_build_array(id, name, phone, email, birthday, joined_at,"
            " tags, custom, erased_at is not null)), '[]')::text"
            " from members_member where id = any(%s::uuid[])",
            [list(ids)],
        )
        return {one.id: one for one in _profiles.decode(cursor.fetchone()[0])}


def owners_of(*, phones: Sequence[str], emails: Sequence[str]) -> dict[tuple[str, str], uuid.UUID]:
    """(`phone` or `email`, the address) → who has it now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 'phone', phone, id from members_member where phone <> '' and phone = any(%s)"
            " union all"
            " select 'email', email, id from members_member where email <> '' and email = any(%s)",
            [list(phones), list(emails)],
        )
        return {(field, address): member for field, address, member in cursor.fetchall()}


# An address that somebody else took since the check is left out: the row's points do not wait for it.
_FREE = "not exists (select 1 from members_member o where o.{0} = n.{0} and o.{0} <> ''{1})"
_ADD = f"""
insert into members_member (id, external_id, name, phone, email, birthday, tags, code, locale,
       joined_at, custom, orders_count, spent_cents)
select n.id, n.external_id, n.name,
       case when {_FREE.format("phone", "")} then n.phone else '' end,
       case when {_FREE.format("email", "")} then n.email else '' end,
       n.birthday, n.tags, '', '', coalesce(n.joined_at, %(at)s), n.custom, 0, 0
  from jsonb_to_recordset(%(records)s) as n(id uuid, external_id text, name text, phone text,
       email text, birthday date, joined_at timestamptz, tags jsonb, custom jsonb)
 order by n.external_id
    on conflict (external_id) do nothing
returning id
"""
_LINK = """
insert into members_memberidentity (id, member_id, channel, external_id, linked_at)
select n.identity, m.id, n.channel, n.external_id, %(at)s
  from jsonb_to_recordset(%(records)s) as n(id uuid, identity uuid, external_id text, channel text)
  join members_member m on m.id = n.id
 where n.channel <> 'api'
 order by n.external_id, n.channel
    on conflict (external_id, channel) do nothing
"""
_OTHER = " and o.id <> m.id"
_CHANGE = f"""
with n as (
  select * from jsonb_to_recordset(%(records)s) as n(member uuid, name text, phone text,
         email text, birthday date, joined_at timestamptz, tags jsonb, custom jsonb)
), locked as (
  select m.id from members_member m join n on n.member = m.id
   where m.merged_into_id is null and m.erased_at is null order by m.id for update of m
)
update members_member m
   set name = coalesce(nullif(n.name, ''), m.name),
       phone = case when n.phone <> '' and {_FREE.format("phone", _OTHER)}
                    then n.phone else m.phone end,
       email = case when n.email <> '' and {_FREE.format("email", _OTHER)}
                    then n.email else m.email end,
       -- Consent was given for the address that was there.
       email_consent_at = case when n.email <> '' and n.email <> m.email
                    and {_FREE.format("email", _OTHER)} then null else m.email_consent_at end,
       birthday = coalesce(n.birthday, m.birthday),
       joined_at = least(n.joined_at, m.joined_at),
       tags = (select coalesce(jsonb_agg(tag order by tag), '[]') from (
                 select jsonb_array_elements_text(m.tags) as tag
                  union select jsonb_array_elements_text(n.tags)) both_tags),
       custom = m.custom || n.custom
  from n join locked on locked.id = n.member
 where m.id = n.member
"""
_COMPLETE = """
update members_member m set profile_completed_at = %s
 where m.id = any(%s::uuid[]) and m.profile_completed_at is null
   and m.name <> '' and m.birthday is not null and m.custom ?& %s
"""


def add_records(*, records: Sequence[Record], at: datetime) -> set[uuid.UUID]:
    """Members who are not there yet, with their numbers in channels; ids of those this call added.

    Whoever was added by somebody else meanwhile is left to him. Two statements for any number.
    """
    rows = [{**msgspec.to_builtins(one), "id": new_id(), "identity": new_id()} for one in records]
    values = {"records": msgspec.json.encode(rows).decode(), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
        added = {row[0] for row in cursor.fetchall()}
        if any(one.channel != "api" for one in records):
            cursor.execute(_LINK, values)
    return added


def change_records(*, records: Sequence[Record]) -> None:
    """Lay what is given over the records of `member`, in order of id; at most one record of each.

    What is empty changes nothing, tags come on top, joining goes back to the earlier day. One
    statement.
    """
    if records:
        with connection.cursor() as cursor:
            cursor.execute(_CHANGE, {"records": msgspec.json.encode(records).decode()})


def note_complete(*, ids: Sequence[uuid.UUID], required: Sequence[str], at: datetime) -> None:
    """Profiles that are complete now are so without being told of: nobody is rewarded for what the
    shop brought over. `required` are the codes of the fields that a profile needs."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, [at, sorted(ids), list(required)])
