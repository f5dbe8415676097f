"""Fields of the merchant's own, identities by channel, and the completed profile told once."""

from datetime import date, timedelta

import pytest

from kernel.models import OutboxEvent
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.order_received import take_order, take_orders
from points.members.actions import (
    add_field,
    change_field,
    change_member,
    link_identity,
    unlink_identity,
)
from points.members.errors import (
    BirthdayFixed,
    CustomInvalid,
    FieldContradicts,
    FieldNotFound,
    FieldTaken,
    IdentityNotFound,
    IdentityOfApi,
    IdentityTaken,
    MemberNotFound,
)
from points.members.models import Member
from points.orders.models import Order

TASTES = [
    {"code": "green", "name_zh": "绿茶", "name_en": "Green"},
    {"code": "black", "name_zh": "红茶", "name_en": ""},
]


@pytest.fixture
def field(shop, noon):
    def add(code="taste", kind="text", **settings):
        return add_field(code=code, kind=kind, at=noon, settings={"name_zh": "口味", **settings})

    return add


def change(member, noon, *, by_member=False, **changes):
    return change_member(member_id=member.pk, changes=changes, at=noon, by_member=by_member)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", ["x", " oolong ", "x" * 500], ["", " ", "x" * 501, 1, True, []]),
        ("whole", [0, -3, 10**12], [1.0, "1", True, 10**12 + 1]),
        ("date", ["2024-02-29"], ["2023-02-29", "20240229", 20240229, "2024-02-29T00:00"]),
        ("choice", ["green"], ["Green", "white", 0, ["green"]]),
        ("boolean", [True, False], [0, 1, "true"]),
    ],
)
def test_what_each_kind_takes(mei, field, noon, kind, good, bad):
    field(kind=kind, choices=TASTES if kind == "choice" else [])
    for value in good:
        stored = change(mei, noon, custom={"taste": value}).custom["taste"]
        assert stored == (value.strip() if isinstance(value, str) else value)
    for value in bad:
        with pytest.raises(CustomInvalid) as refused:
            change(mei, noon, custom={"taste": value})
        assert refused.value.facts == {"field": "taste", "expected": kind}
    assert change(mei, noon, custom={"taste": None}).custom == {}


def test_only_known_fields_and_members_only_their_own(mei, field, noon):
    field("taste", edited_by="member")
    field("rank")
    change(mei, noon, custom={"rank": "A", "taste": "green"})
    assert change(mei, noon, by_member=True, custom={"taste": "black"}).custom == {
        "rank": "A", "taste": "black",
    }  # fmt: skip
    for code in ("rank", "nothing"):
        with pytest.raises(CustomInvalid) as refused:
            change(mei, noon, by_member=True, custom={code: "B"})
        assert refused.value.facts == {"field": code, "expected": "known_field"}
    change_field(code="taste", changes={"is_retired": True}, at=noon)
    with pytest.raises(CustomInvalid):
        change(mei, noon, custom={"taste": "green"})
    mei.refresh_from_db()
    assert mei.custom == {"rank": "A", "taste": "black"}


def test_definitions_that_cannot_be(field, noon):
    field()
    with pytest.raises(FieldTaken):
        field()
    for settings in (
        {"code": "a", "name_zh": " "},
        {"code": "b", "kind": "choice"},
        {"code": "c", "choices": TASTES},
        {"code": "d", "kind": "choice", "choices": [TASTES[0], TASTES[0]]},
    ):
        with pytest.raises(FieldContradicts):
            field(**settings)
    with pytest.raises(FieldNotFound):
        change_field(code="nothing", changes={}, at=noon)


def told():
    return OutboxEvent.objects.filter(topic="member.profile_completed").count()


def test_a_completed_profile_is_told_once(mei, field, noon):
    field(is_required=True)
    change(mei, noon, birthday=date(1995, 2, 3))
    assert told() == 0
    done = change(mei, noon, custom={"taste": "green"})
    assert (told(), done.profile_completed_at) == (1, noon)
    change(mei, noon, custom={"taste": None})
    change(mei, noon + timedelta(days=1), custom={"taste": "black"})
    assert told() == 1
    field("more", is_required=True)
    assert change(mei, noon, custom={"more": "x"}).profile_completed_at == noon
    assert told() == 1


def test_whoever_joins_with_everything_is_complete_at_once(shop, field, noon):
    made = join_member(external_id="lin", name="Lin", birthday=date(1990, 1, 1), at=noon)
    assert (told(), made.profile_completed_at) == (1, noon)


def test_a_member_enters_a_birthday_once(mei, noon):
    change(mei, noon, by_member=True, birthday=date(1995, 2, 3))
    change(mei, noon, by_member=True, birthday=date(1995, 2, 3))
    for other in (date(1996, 2, 3), None):
        with pytest.raises(BirthdayFixed):
            change(mei, noon, by_member=True, birthday=other)
    assert change(mei, noon, birthday=date(1996, 2, 3)).birthday == date(1996, 2, 3)


def test_consent_keeps_the_day_of_the_first_yes(mei, noon):
    assert change(mei, noon, email_consent=True).email_consent_at == noon
    assert change(mei, noon + timedelta(days=1), email_consent=True).email_consent_at == noon
    assert change(mei, noon, email_consent=False).email_consent_at is None


def order(name, channel, member, noon):
    return IncomingOrder(
        external_id=name, channel=channel, member_external_id=member, currency="CNY",
        placed_at=noon, completed_at=noon, status="completed",
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=1_000)],
    )  # fmt: skip


def take(told, noon, create=False):
    return take_order(order=told, create_member=create, at=noon, actor="t")


def test_a_channels_own_number_goes_before_the_external_id(mei, ann, noon):
    """Number 7 at the till is Ann; in the API, and where nothing is linked, it is a member's own."""
    seven = join_member(external_id="7", at=noon)
    link_identity(member_id=ann.pk, channel="pos", external_id="7", at=noon)
    for channel, buyer in (("pos", ann), ("api", seven), ("web", seven)):
        take(order("O", channel, "7", noon), noon)
        assert Order.objects.get(channel=channel).member_id == buyer.pk
    told = [order(f"B-{c}", c, "7", noon) for c in ("pos", "api", "web")]
    take_orders(orders=told, create_members=True, at=noon, actor="t")
    found = dict(
        Order.objects.filter(external_id__startswith="B").values_list("channel", "member_id")
    )
    assert found == {"pos": ann.pk, "api": seven.pk, "web": seven.pk}
    with pytest.raises(MemberNotFound):
        take(order("X", "pos", "8", noon), noon)
    batch = [order("N1", "pos", "new", noon), order("N2", "web", "new", noon)]
    take_orders(orders=batch, create_members=True, at=noon, actor="t")
    assert Member.objects.filter(external_id="new").count() == 1


def test_an_order_of_a_linked_member_takes_no_query_more(mei, ann, noon, django_assert_num_queries):
    link_identity(member_id=ann.pk, channel="pos", external_id="7", at=noon)
    take(order("A", "api", "ann", noon), noon)
    for channel, number in (("api", "ann"), ("pos", "7")):
        with django_assert_num_queries(4):
            take(order("B", channel, number, noon), noon)


def test_linking_is_done_once_and_belongs_to_one(mei, ann, noon):
    made, is_new = link_identity(member_id=ann.pk, channel="pos", external_id="7", at=noon)
    again = link_identity(member_id=ann.pk, channel="pos", external_id="7", at=noon)
    assert (is_new, again) == (True, (made, False))
    with pytest.raises(IdentityTaken):
        link_identity(member_id=mei.pk, channel="pos", external_id="7", at=noon)
    with pytest.raises(IdentityOfApi):
        link_identity(member_id=mei.pk, channel="api", external_id="7", at=noon)
    with pytest.raises(IdentityNotFound):
        unlink_identity(member_id=mei.pk, identity_id=made.pk)
    unlink_identity(member_id=ann.pk, identity_id=made.pk)
    with pytest.raises(IdentityNotFound):
        unlink_identity(member_id=ann.pk, identity_id=made.pk)
