"""Every write to members. Their wallets are made by `flows.member_joined`."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from kernel.db import Ask
from kernel.ids import new_id
from points.members.calculations import new_member_code, normalise_email, normalise_phone
from points.members.errors import (
    AddressInvalid,
    EmailTaken,
    ExternalIdTaken,
    MemberNotFound,
    PhoneTaken,
)
from points.members.models import Member


def create_member(
    *,
    external_id: str,
    at: datetime,
    phone: str = "",
    email: str = "",
    name: str = "",
    birthday: date | None = None,
    tags: Sequence[str] = (),
    joined_at: datetime | None = None,
) -> Member:
    """Add a member. Raises ExternalIdTaken, PhoneTaken, EmailTaken, AddressInvalid."""
    member = Member(
        external_id=external_id, phone=_phone(phone), email=_email(email), name=name,
        birthday=birthday, tags=sorted(set(tags)), joined_at=joined_at or at,
        code=new_member_code(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        _refuse_taken(member)
        member.code = new_member_code()  # the code was drawn twice: one more draw
        member.save(force_insert=True)
    return member


def change_member(*, member_id: uuid.UUID, changes: dict[str, Any]) -> Member:
    """Change name, phone, email, birthday, tags or locale.

    Raises MemberNotFound, PhoneTaken, EmailTaken, AddressInvalid.
    """
    with transaction.atomic():
        member = Member.objects.select_for_update().filter(pk=member_id).first()
        if member is None:
            raise MemberNotFound()
        for field, value in changes.items():
            if field == "phone":
                value = _phone(value or "")
            elif field == "email":
                value = _email(value or "")
            elif field == "tags":
                value = sorted(set(value))
            setattr(member, field, value)
        try:
            with transaction.atomic():
                member.save(update_fields=list(changes))
        except IntegrityError:
            _refuse_taken(member)
            raise
    return member


def ensure_code(*, member: Member) -> str:
    """The member's code for the till, drawn on first need (imported members have none)."""
    while not member.code:
        code = new_member_code()
        try:
            with transaction.atomic():
                Member.objects.filter(pk=member.pk, code="").update(code=code)
        except IntegrityError:
            continue
        member.refresh_from_db(fields=["code"])
    return member.code


def add_missing(*, external_ids: Sequence[str], at: datetime) -> dict[str, uuid.UUID]:
    """Members for the external ids that have none, all in one statement; returns the new ones' ids.

    Ids that another request adds meanwhile are left to it and not returned.
    """
    wanted = sorted(set(external_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into members_member (id, external_id, name, phone, email, tags, code, locale,"
            " joined_at, orders_count, spent_cents)"
            " select id, external_id, '', '', '', '[]', '', '', %s, 0, 0"
            " from unnest(%s::uuid[], %s) as new(id, external_id)"
            " on conflict (external_id) do nothing returning external_id, id",
            [at, [new_id() for _ in wanted], wanted],
        )
        return dict(cursor.fetchall())


def ask_to_count(*, sums: Sequence[tuple[uuid.UUID, int, int, datetime]]) -> Ask[None]:
    """Add (member, orders, cents, last order) to members' running sums, in order of id."""
    columns = [list(column) for column in zip(*sums, strict=True)]
    call = "members_count_orders(%s::uuid[], %s::int[], %s::bigint[], %s::timestamptz[])"
    return Ask(call, columns, lambda _: None)


def _phone(text: str) -> str:
    if text and normalise_phone(text) is None:
        raise AddressInvalid()
    return normalise_phone(text) or ""


def _email(text: str) -> str:
    if text and normalise_email(text) is None:
        raise AddressInvalid()
    return normalise_email(text) or ""


def _refuse_taken(member: Member) -> None:
    """Which of the unique fields belongs to somebody else already."""
    others = Member.objects.exclude(pk=member.pk)
    found = others.filter(external_id=member.external_id).first()
    if found is not None:
        raise ExternalIdTaken(member_id=str(found.pk))
    if member.phone and others.filter(phone=member.phone).exists():
        raise PhoneTaken()
    if member.email and others.filter(email=member.email).exists():
        raise EmailTaken()
