"""Coupons over the partner API: an outside checkout from the template to the refund."""

import pytest

from tests.partner.calls import API, refusal, sent

TWENTY = {
    "code": "twenty", "kind": "amount_off", "amount_cents": 2_000, "threshold_cents": 10_000,
    "name_en": "Twenty off", "valid_days": 30, "status": "active",
}  # fmt: skip


def add(api, **fields):
    """A template."""
    given = {**TWENTY, **fields}
    if given["kind"] != "amount_off":
        given["amount_cents"] = None
    return sent(api.post(f"{API}/coupon-templates", given))


def issue(api, template="twenty", **more):
    body = {"template": template, "member_external_id": "mei", **more}
    return sent(api.post(f"{API}/coupons", body))


def do(api, coupon, verb, **body):
    return api.post(f"{API}/coupons/{coupon['code']}/{verb}", body)


@pytest.fixture
def api(partner, mei):
    return partner


def test_a_template_in_words_and_figures(api):
    made = add(api, total=10)
    assert made["words"]["summary"] == "¥20.00 off ¥100.00 or more"
    assert made["words"]["validity"] == "30 days from the day you get it"
    issue(api)
    shown = sent(api.get(f"{API}/coupon-templates/twenty"), 200)
    assert shown["figures"] == {
        "issued": 1, "used": 0, "expired": 0, "voided": 0, "left": 9, "cost_cents": 0,
    }  # fmt: skip
    (listed,) = sent(api.get(f"{API}/coupon-templates"), 200)["items"]
    assert listed == shown


def test_an_outside_checkout(api):
    add(api)
    coupon = issue(api)
    held = sent(do(api, coupon, "lock", reference="T-1"), 200)
    assert (held["state"], held["reference"]) == ("locked", "T-1")
    facts = refusal(do(api, coupon, "lock", reference="T-2"), 409, "coupons.locked")
    assert facts["locked_until"] and "T-1" not in str(facts)
    assert sent(do(api, coupon, "release", reference="T-1"), 200)["state"] == "issued"
    facts = refusal(
        do(api, coupon, "use", reference="T-3", amount_cents=9_999), 409, "coupons.below_threshold"
    )
    assert facts["missing_cents"] == 1
    used = sent(do(api, coupon, "use", reference="T-3", amount_cents=10_000), 200)
    assert (used["state"], used["discount_cents"]) == ("used", 2_000)
    assert sent(do(api, coupon, "use", reference="T-3", amount_cents=10_000), 200) == used
    refusal(do(api, coupon, "use", reference="T-3", discount_cents=1), 409, "coupons.use_conflict")
    refusal(do(api, coupon, "use", reference="T-4", discount_cents=1), 409, "coupons.used")
    back = sent(do(api, coupon, "return", reference="T-3"), 200)
    assert (back["is_returned"], back["coupon"]["state"]) == (True, "issued")
    gone = sent(do(api, coupon, "void", reason="by mistake"), 200)
    assert (gone["state"], gone["void_reason"]) == ("voided", "by mistake")
    refusal(do(api, coupon, "lock", reference="T-5"), 409, "coupons.voided")


def test_the_same_source_issues_once(api):
    add(api, per_member=1)
    first = issue(api, source_id="welcome")
    body = {"template": "twenty", "member_external_id": "mei", "source_id": "welcome"}
    assert sent(api.post(f"{API}/coupons", body), 200) == first
    facts = refusal(
        api.post(f"{API}/coupons", {**body, "source_id": "2"}), 409, "coupons.member_limit_reached"
    )
    assert facts == {"limit": 1}
    listed = sent(api.get(f"{API}/coupons?member=mei&group=usable"), 200)["items"]
    assert listed == [first]
    code = first["code"].lower().replace("-", "")
    assert sent(api.get(f"{API}/coupons/{code}"), 200) == first
    refusal(api.get(f"{API}/coupons/XXXX-XXXX-XXXX"), 404, "coupons.not_found")


def test_a_quote_shows_the_best_and_what_several_do_together(api):
    add(api, stacks=True)
    add(api, code="fifth", kind="percent_off", rate="0.2", threshold_cents=0, stacks=True)
    add(api, code="alone", threshold_cents=20_000)
    twenty, fifth, alone = issue(api), issue(api, "fifth"), issue(api, "alone")
    lines = [{"sku": "T", "amount_cents": 9_000}, {"sku": "C", "amount_cents": 3_000}]
    body = {"member_external_id": "mei", "lines": lines}
    found = sent(api.post(f"{API}/coupon-quotes", body), 200)
    assert [(one["discount_cents"], one["per_line"]) for one in found["items"]] == [
        (2_400, [1_800, 600]), (2_000, [1_500, 500]), (0, []),
    ]  # fmt: skip
    last = found["items"][2]
    assert (last["reason"], last["missing_cents"]) == ("below_threshold", 8_000)
    codes = [twenty["code"], fifth["code"]]
    both = sent(api.post(f"{API}/coupon-quotes", {**body, "codes": codes}), 200)["together"]
    assert both["per_coupon"] == {fifth["code"]: 2_400, twenty["code"]: 2_000}
    assert both["per_line"] == [3_300, 1_100]
    three = {**body, "codes": [*codes, alone["code"]]}
    refusal(api.post(f"{API}/coupon-quotes", three), 409, "coupons.cannot_combine")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "percent_off", "rate": "0.00001", "amount_cents": None}, "api.invalid_body"),
        ({"kind": "percent_off", "rate": "NaN", "amount_cents": None}, "api.invalid_body"),
        ({"amount_cents": None}, "coupons.template_incomplete"),
        ({"amount_cents": 0}, "api.invalid_body"),
        ({"code": "Ü"}, "api.invalid_body"),
        ({"valid_until": "2300-01-01T00:00:00Z"}, "api.invalid_body"),
    ],
)
def test_bad_templates_are_refused(api, fields, code):
    refusal(api.post(f"{API}/coupon-templates", {**TWENTY, **fields}), 400, code)
    assert sent(api.get(f"{API}/coupon-templates"), 200)["items"] == []


def test_what_it_names_must_exist(api):
    for fields, code in (
        ({"segment": "nobody"}, "segments.not_found"),
        ({"tiers": ["iron"]}, "tiers.not_found"),
        ({"funding_source": "x"}, "ledger.funding_source_not_found"),
    ):
        refusal(api.post(f"{API}/coupon-templates", {**TWENTY, **fields}), 404, code)
    refusal(api.get(f"{API}/coupon-templates/twenty"), 404, "coupons.template_not_found")


def test_a_change_leaves_coupons_alone_and_a_stop_ends_issuing(api):
    add(api)
    issue(api)
    changed = sent(
        api.patch(f"{API}/coupon-templates/twenty", {"amount_cents": 500, "status": "stopped"}), 200
    )
    assert (changed["amount_cents"], changed["status"]) == (500, "stopped")
    (coupon,) = sent(api.get(f"{API}/coupons"), 200)["items"]
    assert coupon["amount_cents"] == 2_000
    body = {"template": "twenty", "member_external_id": "mei"}
    refusal(api.post(f"{API}/coupons", body), 409, "coupons.template_not_active")
