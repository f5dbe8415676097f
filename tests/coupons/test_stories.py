"""Issue, hold, use, give back, expire, void: the life of coupons, with exact numbers."""

from datetime import timedelta

import pytest

from kernel.models import OutboxEvent
from points.coupons.actions import (
    CouponIssue,
    give_back,
    issue,
    lock,
    release,
    sweep,
    use,
    void,
)
from points.coupons.calculations import CouponLine, Discount, Refusal
from points.coupons.errors import (
    CannotCombine,
    CouponExpired,
    CouponLocked,
    CouponNotFound,
    CouponNotYetValid,
    CouponUseConflict,
    CouponUsed,
    CouponVoided,
    IssueConflict,
    MemberLimitReached,
    TemplateCodeTaken,
    TemplateExhausted,
    TemplateIncomplete,
    TemplateNotActive,
    TemplateOver,
    TotalBelowIssued,
)
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.queries import figures_of, get_coupon, list_coupons, usable
from points.coupons.templates import change_template, stop_template
from points.members.actions import create_member
from tests.coupons.conftest import AT, give, template

pytestmark = pytest.mark.usefixtures("books")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ann(shop):
    return create_member(external_id="ann", at=AT - DAY)


@pytest.fixture
def bob(shop):
    return create_member(external_id="bob", at=AT - DAY)


def hold(coupon, reference="shop:1", *, at=AT, minutes=30, codes=None):
    return lock(
        codes=codes or [coupon.code], member=coupon.member_id, reference=reference,
        until=at + timedelta(minutes=minutes), at=at, actor="t",
    )  # fmt: skip


def spend(coupon, reference="shop:1", *, cents=2_000, at=AT):
    return use(
        codes=[coupon.code], reference=reference, discounts={coupon.code: cents}, at=at, actor="t"
    )


def back(coupon, reference="shop:1", *, at=AT):
    return give_back(codes=[coupon.code], reference=reference, at=at, actor="t")[0]


def state(coupon, at=AT):
    return get_coupon(code=coupon.code).state_at(at)


def topics():
    rows = OutboxEvent.objects.filter(topic__startswith="coupon.").order_by("id")
    return list(rows.values_list("topic", flat=True))


def test_a_coupon_is_issued_held_used_and_told(ann):
    template()
    coupon = give(ann)
    assert coupon.valid_until.isoformat() == "2026-03-31T16:00:00+00:00"  # the end of the 31st
    hold(coupon)
    assert state(coupon) == "locked"
    (used,) = spend(coupon)
    assert (used.state, used.reference, used.discount_cents) == ("used", "shop:1", 2_000)
    assert topics() == ["coupon.issued", "coupon.used"]
    told = OutboxEvent.objects.get(topic="coupon.used")
    assert (told.subject, told.payload["reference"]) == (str(ann.pk), "shop:1")
    assert (told.payload["discount_cents"], told.payload["template"]) == (2_000, "twenty")


def test_told_again_an_issue_answers_the_first(ann, bob):
    row = template()
    first = give(ann)
    told = CouponIssue(ann.pk, "test", f"twenty:{ann.pk}:1")
    again = issue(template_code="twenty", issues=[told, told], at=AT + DAY, actor="t")
    assert [(one.outcome, one.coupon.pk) for one in again] == [("repeated", first.pk)] * 2
    with pytest.raises(IssueConflict):
        issue(
            template_code="twenty", issues=[CouponIssue(bob.pk, "test", told.source_id)], at=AT,
            actor="t",
        )  # fmt: skip
    template("other")
    with pytest.raises(IssueConflict):
        issue(template_code="other", issues=[told], at=AT, actor="t")
    row.refresh_from_db()
    assert (row.issued_count, Coupon.objects.count()) == (1, 1)


def test_limits_of_template_and_member_hold_and_a_refusal_issues_nothing(ann, bob):
    row = template(total=3, per_member=2)
    with pytest.raises(MemberLimitReached) as refused:
        issue(
            template_code="twenty", at=AT, actor="t",
            issues=[CouponIssue(ann.pk, "test", str(n)) for n in range(3)],
        )  # fmt: skip
    assert (refused.value.facts, Coupon.objects.count()) == ({"limit": 2}, 0)
    give(ann, key="1"), give(ann, key="2"), give(bob, key="1")
    with pytest.raises(TemplateExhausted):
        give(bob, key="2")
    row.refresh_from_db()
    assert row.issued_count == 3
    stop_template(code="twenty", at=AT)
    with pytest.raises(TemplateNotActive):
        give(bob, key="3")
    assert give(bob, key="1") is not None  # what was issued is answered all the same


def test_a_batch_skips_whom_it_cannot_serve(ann, bob):
    template(total=2, per_member=1)
    give(ann)
    told = [CouponIssue(one.pk, "batch", str(n)) for n, one in enumerate([ann, bob, bob])]
    cid = create_member(external_id="cid", at=AT)
    told.append(CouponIssue(cid.pk, "batch", "cid"))
    made = issue(template_code="twenty", issues=told, at=AT, actor="t", skips_refused=True)
    assert [one.outcome for one in made] == ["limit", "issued", "limit", "exhausted"]
    assert Coupon.objects.count() == 2


def test_issuing_to_many_takes_as_many_statements_as_to_one(shop, django_assert_num_queries):
    template()
    people = [create_member(external_id=f"m{n}", at=AT).pk for n in range(50)]
    with django_assert_num_queries(8):
        issue(
            template_code="twenty", at=AT, actor="t",
            issues=[CouponIssue(one, "batch", str(one)) for one in people],
        )  # fmt: skip


def test_another_checkout_waits_until_the_lock_ends(ann):
    template()
    coupon = give(ann)
    hold(coupon)
    assert hold(coupon)[0].locked_until == AT + HOUR / 2  # the same one again
    with pytest.raises(CouponLocked) as refused:
        hold(coupon, "shop:2", at=AT + timedelta(minutes=29))
    assert refused.value.facts["locked_until"] == (AT + HOUR / 2).isoformat()
    with pytest.raises(CouponLocked):
        spend(coupon, "till:7")
    # To the second, without any job.
    assert hold(coupon, "shop:2", at=AT + HOUR / 2)[0].reference == "shop:2"
    release(codes=[coupon.code], reference="shop:1", at=AT + HOUR / 2, actor="t")
    assert state(coupon, AT + HOUR / 2) == "locked"  # it is not the first one's any more
    release(codes=[coupon.code], reference="shop:2", at=AT + HOUR / 2, actor="t")
    assert state(coupon, AT + HOUR / 2) == "issued"


def test_a_coupon_held_in_time_can_be_used_after_its_end(ann):
    template(valid_days=None, valid_until=AT + HOUR)
    held, late = give(ann, key="1"), give(ann, key="2")
    hold(held, at=AT + HOUR * 0.9, minutes=30)
    with pytest.raises(CouponExpired):
        hold(late, at=AT + HOUR)
    assert sweep(at=AT + HOUR) == 1
    assert (state(held, AT + HOUR), state(late, AT + HOUR)) == ("locked", "expired")
    assert spend(held, at=AT + HOUR * 1.1)[0].state == "used"
    assert Coupon.objects.get(pk=late.pk).ended_at == AT + HOUR
    assert topics() == ["coupon.issued"] * 2 + ["coupon.expired", "coupon.used"]


def test_the_sweep_books_what_was_true_already(ann):
    template()
    coupon = give(ann)
    hold(coupon)
    assert (sweep(at=AT + HOUR / 2 - timedelta(seconds=1)), sweep(at=AT + HOUR / 2)) == (0, 1)
    assert Coupon.objects.get(pk=coupon.pk).state == "issued"
    end = coupon.valid_until
    assert (sweep(at=end - timedelta(seconds=1)), sweep(at=end), sweep(at=end)) == (0, 1, 0)


def test_used_again_for_the_same_is_the_same_and_for_another_refused(ann):
    template()
    coupon = give(ann)
    spend(coupon)  # a till need not hold it first
    assert spend(coupon, at=AT + HOUR)[0].used_at == AT
    with pytest.raises(CouponUseConflict):
        spend(coupon, cents=1)
    with pytest.raises(CouponUsed):
        spend(coupon, "shop:2")
    with pytest.raises(CouponUsed):
        release(codes=[coupon.code], reference="shop:1", at=AT, actor="t")
    assert topics() == ["coupon.issued", "coupon.used"]


def test_a_refund_gives_it_back_once(ann):
    template()
    coupon = give(ann)
    spend(coupon)
    assert back(coupon).why == "returned"
    assert (state(coupon), get_coupon(code=coupon.code).discount_cents) == ("issued", 0)
    assert back(coupon).is_returned
    spend(coupon, "shop:2")
    assert back(coupon).is_returned  # of the first; what the second used stays used
    assert state(coupon) == "used"
    assert topics() == ["coupon.issued", "coupon.used", "coupon.returned", "coupon.used"]


def test_terms_and_time_may_keep_it_used(ann):
    template(returns_on_refund=False)
    template("short", valid_days=1)
    kept, short = give(ann), give(ann, "short")
    spend(kept), spend(short)
    assert back(kept).why == "kept_by_terms"
    assert back(short, at=short.valid_until).why == "expired"
    assert back(short, "shop:9").why == "not_used"
    assert (state(kept), state(short)) == ("used", "used")


def test_what_a_coupon_is_worth_does_not_change_with_its_template(ann):
    template()
    coupon = give(ann)
    change_template(code="twenty", changes={"amount_cents": 1, "threshold_cents": 0}, at=AT)
    terms = get_coupon(code=coupon.code).terms
    assert (terms.amount_cents, terms.threshold_cents) == (2_000, 10_000)
    template("part", kind="percent_off", rate="0.1500", threshold_cents=0)
    part = give(ann, "part")
    change_template(code="part", changes={"rate": "0.9"}, at=AT)
    best = usable(member=ann.pk, lines=[CouponLine(amount_cents=999)], at=AT)[0]
    assert (best.coupon.pk, best.found) == (part.pk, Discount(149, (149,)))  # of 149.85


def test_voided_coupons_give_their_place_back(ann):
    row = template(total=1, per_member=1)
    coupon = give(ann)
    hold(coupon)
    with pytest.raises(CouponLocked):
        void(codes=[coupon.code], at=AT, actor="t")
    release(codes=[coupon.code], reference="shop:1", at=AT, actor="t")
    void(codes=[coupon.code], at=AT, actor="t", reason="by mistake")
    void(codes=[coupon.code], at=AT, actor="t")
    row.refresh_from_db()
    assert (row.issued_count, state(coupon)) == (0, "voided")
    with pytest.raises(CouponVoided):
        hold(coupon)
    second = give(ann, key="2")
    spend(second)
    with pytest.raises(CouponUsed):
        void(codes=[second.code], at=AT, actor="t")
    assert topics()[-3:] == ["coupon.voided", "coupon.issued", "coupon.used"]


def test_several_at_once_stand_or_fall_together(ann, bob):
    template()
    template("more", stacks=True)
    template("most", stacks=True)
    alone, more, most = give(ann), give(ann, "more"), give(ann, "most")
    with pytest.raises(CannotCombine):
        hold(alone, codes=[alone.code, more.code])
    with pytest.raises(CouponNotFound):  # another member's
        hold(more, codes=[more.code, give(bob).code])
    spend(most, "till:1")
    with pytest.raises(CouponUsed):
        hold(more, codes=[more.code, most.code])
    assert (state(alone), state(more)) == ("issued", "issued")


def test_one_that_begins_later_waits(ann):
    template(valid_from=AT + DAY)
    coupon = give(ann)
    with pytest.raises(CouponNotYetValid):
        hold(coupon)
    (found,) = usable(member=ann.pk, lines=[CouponLine(amount_cents=20_000)], at=AT)
    assert found.found == Refusal("not_yet_valid")
    assert hold(coupon, at=AT + DAY)[0].state == "locked"


def test_a_checkout_sees_the_best_first(ann):
    template()
    template("big", amount_cents=3_000, threshold_cents=20_000)
    template("bigger", amount_cents=9_000, threshold_cents=90_000)
    template("ship", kind="free_shipping", threshold_cents=0)
    template("cups", scope="skus", skus=["C1"], threshold_cents=0)
    coupons = {one: give(ann, one) for one in ("bigger", "ship", "cups", "twenty", "big")}
    hold(give(ann, "twenty", key="2"))
    lines = [CouponLine(sku="T1", amount_cents=20_000)]
    found = usable(member=ann.pk, lines=lines, at=AT)
    assert [one.coupon.template.code for one in found[:4]] == ["big", "twenty", "ship", "bigger"]
    assert found[3].found == Refusal("below_threshold", 70_000)
    assert {one.found.reason for one in found[4:]} == {"nothing_in_scope", "locked"}
    spend(coupons["big"])
    assert len(list_coupons(at=AT, limit=9, member=ann.pk, group="usable")) == 5
    later = coupons["cups"].valid_until
    assert len(list_coupons(at=later, limit=9, member=ann.pk, group="expired")) == 5
    assert len(list_coupons(at=later, limit=9, member=ann.pk, group="used")) == 1


def test_figures_say_what_a_template_cost(ann):
    row = template()
    spend(give(ann, key="1"), "a")
    spend(give(ann, key="2"), "b", cents=500)
    void(codes=[give(ann, key="3").code], at=AT, actor="t")
    give(ann, key="4")
    found = figures_of(templates=[row])[row.pk]
    assert (found.issued, found.used, found.voided, found.cost_cents) == (3, 2, 1, 2_500)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount_cents": None}, "amount_cents"),
        ({"rate": "0.1"}, "rate"),
        ({"kind": "percent_off"}, "rate"),
        ({"cap_cents": 5}, "cap_cents"),
        ({"scope": "skus"}, "skus"),
        ({"name_en": "", "name_zh": ""}, "name_zh"),
        ({"valid_from": AT, "valid_until": AT}, "valid_until"),
        ({"claim_from": AT, "claim_until": AT}, "claim_until"),
    ],
)
def test_a_template_that_contradicts_itself_is_refused(shop, fields, field):
    with pytest.raises(TemplateIncomplete) as refused:
        template(**fields)
    assert (refused.value.facts, CouponTemplate.objects.count()) == ({"field": field}, 0)


def test_totals_codes_and_ends_are_minded(ann):
    template(total=5, valid_days=None, valid_until=AT + HOUR)
    give(ann, key="1"), give(ann, key="2")
    with pytest.raises(TotalBelowIssued):
        change_template(code="twenty", changes={"total": 1}, at=AT)
    with pytest.raises(TemplateCodeTaken):
        template()
    with pytest.raises(TemplateOver):
        give(ann, key="3", at=AT + HOUR)
    assert CouponTemplate.objects.get().total == 5
