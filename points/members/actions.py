"""Every write to members' records. Their wallets are made by `flows.member_joined`; merging and
erasing, which reach into every app, begin in `flows`, and their part here is `identity.py`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from kernel import outbox
from kernel.db import Ask
from kernel.ids import new_id
from points.members.calculations import (
    is_profile_complete,
    new_member_code,
    normalise_email,
    normalise_phone,
    takes,
)
from points.members.errors import (
    AddressInvalid,
    BirthdayFixed,
    CustomInvalid,
    EmailTaken,
    ExternalIdTaken,
    FieldContradicts,
    FieldNotFound,
    FieldTaken,
    IdentityNotFound,
    IdentityOfApi,
    IdentityTaken,
    MemberErased,
    MemberMerged,
    MemberNotFound,
    PhoneTaken,
)
from points.members.models import Member, MemberField, MemberIdentity
from points.members.queries import list_fields


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
    custom: Mapping[str, Any] | None = None,
) -> Member:
    """Add a member. `custom` holds values of the merchant's own fields.

    Raises ExternalIdTaken, PhoneTaken, EmailTaken, AddressInvalid, CustomInvalid.
    """
    member = Member(
        external_id=external_id, phone=_phone(phone), email=_email(email), name=name,
        birthday=birthday, tags=sorted(set(tags)), joined_at=joined_at or at,
        code=new_member_code(), custom=_custom({}, custom) if custom else {},
    )  # fmt: skip
    with transaction.atomic():
        _insert(member)
        _note_completion(member, at)
    return member


def _insert(member: Member) -> None:
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        _refuse_taken(member)
        member.code = new_member_code()  # the code was drawn twice: one more draw
        member.save(force_insert=True)


def change_member(
    *, member_id: uuid.UUID, changes: dict[str, Any], at: datetime, by_member: bool = False
) -> Member:
    """Change name, phone, email, birthday, tags, locale, email_consent or custom values.

    `custom` names only the values that change; null removes one. A member himself enters his
    birthday once, and only the custom fields that are his. The first time all that makes a profile
    complete is there, `member.profile_completed` is told. Raises MemberNotFound, MemberMerged,
    MemberErased, PhoneTaken, EmailTaken, AddressInvalid, CustomInvalid, BirthdayFixed.
    """
    with transaction.atomic():
        member = lock_member(member_id=member_id)
        if (
            by_member
            and "birthday" in changes
            and member.birthday not in (None, changes["birthday"])
        ):
            raise BirthdayFixed()
        changes = _with_consent(member, changes, at)
        for field, value in changes.items():
            setattr(member, field, _normal(member, field, value, by_member=by_member))
        try:
            with transaction.atomic():
                member.save(update_fields=list(changes))
        except IntegrityError:
            _refuse_taken(member)
            raise
        _note_completion(member, at)
    return member


def lock_member(*, member_id: uuid.UUID) -> Member:
    """A member whose record may change until the caller's transaction ends.

    Raises MemberNotFound, MemberMerged, MemberErased.
    """
    member = Member.objects.select_for_update().filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound()
    if member.merged_into_id is not None:
        raise MemberMerged()
    if member.erased_at is not None:
        raise MemberErased()
    return member


def _with_consent(member: Member, changes: dict[str, Any], at: datetime) -> dict[str, Any]:
    """`email_consent` true keeps the date of the first yes; false forgets it."""
    if "email_consent" not in changes:
        return changes
    others = {name: value for name, value in changes.items() if name != "email_consent"}
    given_at = (member.email_consent_at or at) if changes["email_consent"] else None
    return {**others, "email_consent_at": given_at}


def _normal(member: Member, field: str, value: Any, *, by_member: bool) -> Any:
    match field:
        case "phone":
            return _phone(value or "")
        case "email":
            return _email(value or "")
        case "tags":
            return sorted(set(value))
        case "custom":
            return _custom(member.custom, value, by_member=by_member)
    return value


def _custom(
    known: Mapping[str, Any], changes: Mapping[str, Any], *, by_member: bool = False
) -> dict[str, Any]:
    """The values after a change. Raises CustomInvalid."""
    fields = {field.code: field for field in list_fields()}
    values = dict(known)
    for code, value in changes.items():
        field = fields.get(code)
        if field is None or (by_member and field.edited_by != MemberField.Editor.MEMBER):
            raise CustomInvalid(field=code[:60], expected="known_field")
        if value is None:
            values.pop(code, None)
        elif takes(field, value):
            values[code] = value.strip() if isinstance(value, str) else value
        else:
            raise CustomInvalid(field=code, expected=field.kind)
    return values


def _note_completion(member: Member, at: datetime) -> None:
    """Tell it once in a member's life; the caller holds the row."""
    if member.profile_completed_at is not None or not (member.name and member.birthday):
        return
    is_complete = is_profile_complete(
        name=member.name, birthday=member.birthday, custom=member.custom, fields=list_fields()
    )
    if is_complete:
        member.profile_completed_at = at
        member.save(update_fields=["profile_completed_at"])
        outbox.tell(
            topic="member.profile_completed", subject=str(member.pk),
            payload={"member_id": str(member.pk)}, at=at,
        )  # fmt: skip


@transaction.atomic
def link_identity(
    *, member_id: uuid.UUID, channel: str, external_id: str, at: datetime
) -> tuple[MemberIdentity, bool]:
    """Note what a channel calls a member; True when it was not known.

    Raises IdentityOfApi, IdentityTaken, MemberNotFound, MemberMerged, MemberErased.
    """
    if channel == "api":
        raise IdentityOfApi()
    lock_member(member_id=member_id)
    made, is_new = MemberIdentity.objects.get_or_create(
        channel=channel, external_id=external_id,
        defaults={"member_id": member_id, "linked_at": at},
    )  # fmt: skip
    if made.member_id != member_id:
        raise IdentityTaken(channel=channel)
    return made, is_new


def unlink_identity(*, member_id: uuid.UUID, identity_id: uuid.UUID) -> MemberIdentity:
    """Forget what a channel calls a member; orders keep their member. Raises IdentityNotFound."""
    with transaction.atomic():
        rows = MemberIdentity.objects.select_for_update()
        found = rows.filter(pk=identity_id, member_id=member_id).first()
        if found is None:
            raise IdentityNotFound()
        MemberIdentity.objects.filter(pk=found.pk).delete()
    return found


def add_field(*, code: str, kind: str, at: datetime, settings: dict[str, Any]) -> MemberField:
    """A field of the merchant's own; `settings` as in `change_field`.

    Raises FieldTaken, FieldContradicts.
    """
    field = MemberField(code=code, kind=kind, created_at=at, **settings)
    _check_field(field)
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError:
        raise FieldTaken(field=code) from None
    return field


def change_field(*, code: str, changes: dict[str, Any], at: datetime) -> MemberField:
    """Change names, choices, edited_by, is_required, position, or is_retired.

    Values that members have stay, also those a change would no longer take. Raises FieldNotFound,
    FieldContradicts.
    """
    with transaction.atomic():
        field = MemberField.objects.select_for_update().filter(code=code).first()
        if field is None:
            raise FieldNotFound()
        changes = dict(changes)
        if (is_retired := changes.pop("is_retired", None)) is not None:
            field.retired_at = (field.retired_at or at) if is_retired else None
        for name, value in changes.items():
            setattr(field, name, value)
        _check_field(field)
        field.save()
    return field


def _check_field(field: MemberField) -> None:
    codes = [choice["code"] for choice in field.choices]
    has_names = bool(field.name_zh.strip() or field.name_en.strip())
    is_choice = field.kind == MemberField.Kind.CHOICE
    if not has_names or is_choice != bool(codes) or len(set(codes)) != len(codes):
        raise FieldContradicts(field=field.code)


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
