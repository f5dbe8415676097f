"""Reading members."""

import uuid
from collections.abc import Iterable, Sequence

import msgspec
from django.db.models import Q
from django.db.models.functions import Coalesce

from kernel.db import Ask, ask, connection, find_row
from points.members.calculations import normalise_phone
from points.members.errors import MemberNotFound
from points.members.models import Member, MemberField, MemberIdentity

_buyers = msgspec.json.Decoder(list[tuple[str | None, str, uuid.UUID]])


def get_member(*, member_id: uuid.UUID) -> Member:
    """A member, or the one he was merged into. Raises MemberNotFound."""
    return _survivor(find_row(Member, "id = %s", [member_id]))


def get_by_external_id(*, external_id: str) -> Member:
    """The same by the merchant's own number. Raises MemberNotFound."""
    return _survivor(find_row(Member, "external_id = %s", [external_id]))


def _survivor(found: Member | None) -> Member:
    """One query more for the few who were merged; whoever took over never was."""
    if found is not None and found.merged_into_id is not None:
        found = find_row(Member, "id = %s", [found.merged_into_id])
    if found is None:
        raise MemberNotFound()
    return found


def list_identities(*, member_ids: Sequence[uuid.UUID]) -> list[MemberIdentity]:
    """What the channels call these members, in the order of linking."""
    rows = MemberIdentity.objects.filter(member_id__in=member_ids)
    return list(rows.order_by("linked_at", "channel", "external_id"))


def list_fields(*, with_retired: bool = False) -> list[MemberField]:
    """The merchant's own fields in their order."""
    rows = MemberField.objects.order_by("position", "created_at", "code")
    return list(rows if with_retired else rows.filter(retired_at__isnull=True))


def find_by_phone_or_code(*, text: str) -> Member | None:
    """Whose phone number or code for the till this is; a code goes first. None for nobody."""
    bare = "".join(text.split())
    found = Member.objects.filter(Q(code=bare) | Q(phone=normalise_phone(bare) or bare))
    members = sorted(found, key=lambda member: member.code != bare) if bare else []
    return members[0] if members else None


def find_liveliest_member() -> Member | None:
    """The member with the most orders, for demonstrations; None in an empty shop."""
    members = Member.objects.filter(merged_into__isnull=True, erased_at__isnull=True)
    return members.order_by("-orders_count", "external_id").first()


BuyerKey = tuple[str | None, str]


def find_buyers(
    *, names: Iterable[tuple[str, str]], ids: Iterable[uuid.UUID] = ()
) -> dict[BuyerKey, uuid.UUID]:
    """(channel, name) → id of the member meant, (None, id) → id; one round trip for any number.

    In a channel its own identity goes first, then the external id. Members who were merged stand
    for the one who took over, for ever.
    """
    return ask(ask_buyers(names=names, ids=ids))[0]


def ask_buyers(
    *, names: Iterable[tuple[str, str]], ids: Iterable[uuid.UUID] = ()
) -> Ask[dict[BuyerKey, uuid.UUID]]:
    """The same, to be asked together with other things."""
    pairs = list(names)
    values = [[channel for channel, _ in pairs], [name for _, name in pairs], list(ids)]
    return Ask("members_find_buyers(%s::text[], %s::text[], %s::uuid[])", values, _read_buyers)


def _read_buyers(text: str) -> dict[BuyerKey, uuid.UUID]:
    return {(channel, name): member for channel, name, member in _buyers.decode(text)}


def ask_exists(*, member_id: uuid.UUID) -> Ask[bool]:
    """Whether there is such a member, to be asked together with other things."""
    return Ask("members_exists(%s)", [member_id], bool)


def list_members(
    *,
    limit: int,
    after: uuid.UUID | None = None,
    external_id: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    tag: str | None = None,
) -> list[Member]:
    """Members in the order in which they were added, at most `limit`, from `after` on.

    Those who were merged are not members any more; their external id finds who took over.
    """
    rows = Member.objects.filter(merged_into__isnull=True).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if external_id is not None:
        named = Member.objects.filter(external_id=external_id)
        rows = rows.filter(pk__in=named.values(found=Coalesce("merged_into_id", "pk")))
    if phone is not None:
        rows = rows.filter(phone=phone)
    if email is not None:
        rows = rows.filter(email=email.lower())
    if tag is not None:
        rows = rows.filter(tags__contains=[tag])
    return list(rows[:limit])


def list_tags(*, limit: int) -> list[str]:
    """The tags members bear, in the order of their letters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct tag from members_member, jsonb_array_elements_text(tags) as tag"
            " where tags <> '[]' order by tag limit %s",
            [limit],
        )
        return [tag for (tag,) in cursor.fetchall()]


def list_names(*, members: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Member → (its number, its name). One query."""
    rows = Member.objects.filter(pk__in=set(members)).values_list("pk", "external_id", "name")
    return {pk: (number, name) for pk, number, name in rows}
