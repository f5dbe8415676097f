"""Examples of referrals, distributors and commissions."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_CODE = "K7M2P9Q"
_LINK = f"https://tea.example.com/r/{_CODE}"
_REWARDED: Values = {
    "code": _CODE, "source": "sign_up", "status": "rewarded", "reason": "", "reason_words": "",
    "order_id": ID, "inviter_points": 100, "invitee_points": 50, "claimed_at": MOMENT,
    "decided_at": LATER,
}  # fmt: skip
_SUMS: Values = {"pending_cents": 450, "settled_cents": 12_860, "taken_back_cents": 180}
_ACTIVE: Values = {
    "status": "active", "level": 1, "parent_id": None, "parent": None, "message": "I run a tea circle",
    "applied_at": MOMENT, "admitted_at": LATER, "decided_at": LATER, "decided_by_name": "Lin",
    "note": "", "suggested_parent_id": None,
}  # fmt: skip
_PENDING: Values = {
    "level": 1, "rate": "0.05", "base_cents": 9_000, "amount_cents": 450, "paid_cents": 0,
    "taken_back_cents": 0, "status": "pending", "earned_at": MOMENT, "closes_at": LATER,
    "settled_at": None,
}  # fmt: skip

REFERRAL: dict[str, Values] = {
    "AdmissionIn": {"parent_id": None, "note": ""},
    "ApplicationIn": {"message": "I run a tea circle"},
    "ApplicationOut": {"status": "applied", "applied_at": MOMENT},
    "CategoryRate": {"category": "tea", "level1_rate": "0.08", "level2_rate": "0.02"},
    "ClaimIn": {"code": _CODE},
    "ClaimOut": {"inviter_name": "M**", "invitee_points": 50},
    "CommissionOut": _PENDING,
    "CommissionRow": _PENDING,
    "CommissionSumsOut": _SUMS,
    "DecisionIn": {"note": "Moved away"},
    "Distribution": {"is_on": True, "level1_rate": "0.05", "level2_rate": "0.02"},
    "DistributionOut": {
        "is_on": True, "status": "active", "level": 1, "level1_rate": "0.05", "level2_rate": "0.02",
    },
    "DistributorIn": {"member_external_id": "mei", "parent_id": None, "note": ""},
    "DistributorOut": _ACTIVE,
    "DistributorRow": _ACTIVE,
    "FunnelOut": {
        "refused": 3, "joined": 42, "ordered": 27, "rewarded": 19, "points": 2_850,
        "points_cents": 2_850,
    },
    "GuestOut": {"name": "T**", "joined_at": MOMENT, "status": "rewarded", "reason": "", "points": 100},
    "MemberReferralOut": {
        "code": _CODE, "link": _LINK, "came_by": None, "joined": 4, "rewarded": 3,
        "inviter_points": 300,
    },
    "MyCommissionOut": _PENDING,
    "MyReferralOut": {
        "code": _CODE, "link": _LINK, "first_name": "Mei", "can_claim": False, "came_by": None,
        "joined": 4, "rewarded": 3, "points": 300,
    },
    "ParentIn": {"parent_id": ID},
    "ReferralRow": _REWARDED,
    "ReferralRowOut": _REWARDED,
    "ReferralRule": {"is_on": True},
    "ReferralTermsOut": {
        "is_on": True, "inviter_points": 100, "invitee_points": 50, "min_order_cents": 0,
        "order_within_days": 90, "return_window_days": 7, "claim_within_days": 7,
        "inviter_monthly_rewards": 20,
    },
}  # fmt: skip
