"""Who may stand as invited by whom (docs/algorithms/referral.md)."""

import pytest
from django.db import IntegrityError, transaction

from points.flows.member_erased import erase_member
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.referral_claimed import claim_code, join_by_code
from points.members.models import Member
from points.program.actions import change_program
from points.referral.actions import ensure_code
from points.referral.calculations import ALPHABET, is_same_email, is_same_phone
from points.referral.errors import (
    AlreadyOrdered,
    AlreadyReferred,
    ClaimTooLate,
    CodeUnknown,
    DeviceUsed,
    ReferralClosed,
    ReferralLoop,
    SameContact,
    SameDevice,
    SelfReferral,
)
from points.referral.models import Referral
from tests.referral.conftest import DAY, order

pytestmark = pytest.mark.usefixtures("books_are_right")


@pytest.fixture
def ann(shop, noon):
    return join_member(external_id="ann", name="Ann", at=noon)


def test_a_code_is_short_readable_and_stays(mei):
    code = ensure_code(member=mei)
    assert len(code) == 7 and set(code) <= set(ALPHABET)
    assert ensure_code(member=Member.objects.get(pk=mei.pk)) == code
    assert code != mei.code


def test_who_joins_by_a_code_is_the_inviters_for_ever(mei, noon, rewards, invite, ann):
    tao = invite(mei, "tao")
    found = Referral.objects.get(member_id=tao.pk)
    assert (found.inviter_id, found.status, found.source) == (mei.pk, "joined", "sign_up")
    with pytest.raises(AlreadyReferred):
        claim_code(member_id=tao.pk, code=ensure_code(member=ann), at=noon)
    assert Referral.objects.get(member_id=tao.pk).inviter_id == mei.pk


def test_a_code_is_taken_in_any_writing(mei, noon, rewards, ann):
    code = ensure_code(member=mei)
    claim_code(member_id=ann.pk, code=f" {code[:3].lower()}-{code[3:].lower()} ", at=noon)
    assert Referral.objects.get().inviter_id == mei.pk


def refused(member, code, at, **more):
    """The class it was refused with; what was noted of it."""
    with pytest.raises(Exception) as caught:
        claim_code(member_id=member.pk, code=code, at=at, **more)
    rows = Referral.objects.filter(member_id=member.pk, status="refused")
    return caught.type, sorted(rows.values_list("reason", flat=True))


def test_within_seven_days_of_joining_and_before_the_first_order(mei, noon, rewards, ann):
    code = ensure_code(member=mei)
    assert refused(ann, code, noon + 7 * DAY + DAY / 24) == (ClaimTooLate, ["claim_too_late"])
    order("O-1", ann, noon)
    assert refused(ann, code, noon) == (AlreadyOrdered, ["already_ordered", "claim_too_late"])
    bob = join_member(external_id="bob", at=noon)
    assert claim_code(member_id=bob.pk, code=code, at=noon + 7 * DAY).inviter_id == mei.pk


def test_nobody_invites_himself(mei, noon, rewards):
    assert refused(mei, ensure_code(member=mei), noon) == (SelfReferral, ["own_code"])
    assert Referral.objects.get().inviter_id is None


def test_the_same_phone_written_otherwise_is_the_same_person(mei, noon, rewards, invite):
    twin = invite(mei, "twin", phone="+8613800000001")
    assert list(Referral.objects.values_list("member_id", "status", "reason")) == [
        (twin.pk, "refused", "same_contact")
    ]
    assert refused(twin, ensure_code(member=mei), noon)[0] is SameContact


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13800000001", "+8613800000001", True),
        ("07911123456", "+447911123456", True),
        ("13800000001", "13800000002", False),
        ("", "", False),
        ("12345", "6712345", False),
    ],
)
def test_phones(one, other, same):
    assert is_same_phone(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mei@tea.example", "mei+2@tea.example", True),
        ("m.e.i@gmail.com", "mei@googlemail.com", True),
        ("m.ei@tea.example", "mei@tea.example", False),
        ("", "", False),
    ],
)
def test_mailboxes(one, other, same):
    assert is_same_email(one, other) is same


def test_a_device_brings_one_new_member_and_not_for_who_signed_in_there(mei, noon, rewards, ann):
    code = ensure_code(member=mei)
    here = {"device_hash": b"d" * 32}
    assert refused(ann, code, noon, **here, seen_here=[mei.pk])[0] is SameDevice
    claim_code(member_id=ann.pk, code=code, at=noon, **here)
    bob = join_member(external_id="bob", at=noon)
    assert refused(bob, code, noon, **here) == (DeviceUsed, ["device_used"])


def test_no_circle_of_any_length(mei, noon, rewards, invite):
    tao = invite(mei, "tao")
    ann = invite(tao, "ann")
    assert refused(mei, ensure_code(member=tao), noon)[0] is ReferralLoop
    assert refused(mei, ensure_code(member=ann), noon) == (ReferralLoop, ["loop", "loop"])


def test_a_refused_code_keeps_nobody_from_joining(mei, noon, rewards):
    member = join_member(external_id="bob", at=noon)
    assert join_by_code(member_id=member.pk, code="NONESUCH", source="sign_up", at=noon) is None
    row = Referral.objects.get()
    assert (row.status, row.reason, row.code) == ("refused", "code_unknown", "NONESUCH")
    with pytest.raises(CodeUnknown):
        claim_code(member_id=member.pk, code="NONESUCH", at=noon)


def test_a_shop_without_invitations_takes_no_codes(mei, noon, ann):
    code = ensure_code(member=mei)
    assert join_by_code(member_id=ann.pk, code=code, source="sign_up", at=noon) is None
    with pytest.raises(ReferralClosed):
        claim_code(member_id=ann.pk, code=code, at=noon)
    assert not Referral.objects.exists()
    change_program(changes={"distribution": {"is_on": True}}, at=noon)
    assert claim_code(member_id=ann.pk, code=code, at=noon).inviter_id == mei.pk


def test_the_database_refuses_a_second_referral_and_oneself(mei, noon, rewards, invite):
    tao = invite(mei, "tao")
    row = Referral.objects.get()
    for member in (tao, mei):
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.create(
                member_id=member.pk, inviter_id=mei.pk, source="claim", status="joined",
                claimed_at=noon,
            )  # fmt: skip
    assert Referral.objects.get().pk == row.pk


def test_merged_members_are_one_inviter_and_one_guest(mei, noon, rewards, invite, ann):
    tao, eve = invite(ann, "tao"), invite(mei, "eve")
    code = ensure_code(member=ann)
    bob = invite(ann, "bob")
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    mine = Referral.objects.filter(inviter_id=mei.pk).values_list("member_id", flat=True)
    assert set(mine) == {tao.pk, eve.pk, bob.pk}
    # The code of the one who went leads to the one who stays.
    zoe = join_member(external_id="zoe", at=noon)
    assert claim_code(member_id=zoe.pk, code=code, at=noon).inviter_id == mei.pk
    # Two guests of Mei are one person: the earlier referral stands.
    merge_members(loser=bob.pk, into=tao.pk, at=noon, actor="t")
    states = Referral.objects.filter(member_id=tao.pk).order_by("id")
    assert list(states.values_list("status", flat=True)) == ["joined", "merged"]


def test_a_merge_makes_no_circle(mei, noon, rewards, invite):
    """Mei brought Tao, Tao brought Ann; Ann turns out to be Mei."""
    tao = invite(mei, "tao")
    ann = invite(tao, "ann")
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    rows = Referral.objects.order_by("id").values_list("member_id", "status")
    assert list(rows) == [(tao.pk, "joined"), (mei.pk, "merged")]


def test_the_guest_and_the_inviter_who_are_one_person(mei, noon, rewards, invite):
    tao = invite(mei, "tao")
    merge_members(loser=tao.pk, into=mei.pk, at=noon, actor="t")
    row = Referral.objects.get()
    assert (row.member_id, row.inviter_id, row.status, row.reason) == (
        mei.pk, None, "refused", "merged",
    )  # fmt: skip


def test_an_erased_member_invites_nobody_any_more(mei, noon, rewards, invite, ann):
    tao, code = invite(mei, "tao"), ensure_code(member=mei)
    erase_member(member_id=mei.pk, forfeit=True, at=noon, actor="t")
    with pytest.raises(CodeUnknown):
        claim_code(member_id=ann.pk, code=code, at=noon)
    assert Referral.objects.get(member_id=tao.pk).inviter_id == mei.pk
