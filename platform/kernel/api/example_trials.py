"""Examples of simulations and back-tests: the story of docs/algorithms/back-test.md."""

from kernel.api.example_values import ID, LATER, MOMENT, Values

_WEEKEND: Values = {
    "code": "big-order", "as_drafted": False,
    "document": {
        "name": "Big order", "trigger": "order.completed",
        "reward": {"kind": "multiplier", "factor": "1.3"},
        "conditions": {">=": [{"var": "order.amount_cents"}, 10_000]},
        "limits": {
            "per_member": {"day": None, "week": None, "month": None, "ever": None},
            "per_member_points": {"day": None, "week": None, "month": None, "ever": None},
            "total_points": None,
        },
        "channels": [], "segments": [], "starts_at": None, "ends_at": None,
        "funding_source": "brand-a", "priority": 0, "stacking": "stack", "pending": None,
        "pending_days": None, "task": None, "name_zh": "大额订单", "name_en": "Big order",
    },
}  # fmt: skip
_PROPOSED: Values = {
    "rules": [_WEEKEND, {"code": "gift", "document": None, "as_drafted": False}],
    "earning": None, "growth": None, "tiers": [],
}  # fmt: skip
_ORDER: Values = {
    "lines": [{"amount_cents": 11_000, "quantity": 1, "sku": "TEA-100", "category": "tea"}],
    "status": "completed", "channel": "shop", "shipping_cents": 0, "tax_cents": 0,
    "discount_cents": 0,
}  # fmt: skip


def _side(points: int, granted: int, cost: int) -> Values:
    return {
        "granted_points": granted, "taken_back_points": 130, "points": points, "refused_points": 0,
        "cost_cents": cost, "orders": 3, "members": 3, "coupons": 0,
    }  # fmt: skip


def _source(code: str, live: int, draft: int, orders: tuple[int, int]) -> Values:
    return {
        "source": code, "name": code.replace("-", " ").capitalize(),
        "live_points": live, "draft_points": draft, "live_orders": orders[0],
        "draft_orders": orders[1], "live_refused_points": 0, "draft_refused_points": 0,
        "live_coupons": 0, "draft_coupons": 0,
    }  # fmt: skip


def _change(number: str, live: int, draft: int) -> Values:
    return {
        "member_id": ID, "external_id": number, "name": number.capitalize(), "orders": 1,
        "live_points": live, "draft_points": draft,
    }  # fmt: skip


_COMPARISON: Values = {
    "days": 90, "starts_on": "2026-08-03", "ends_on": "2026-10-31", "orders": 4, "members": 3,
    "revenue_cents": 52_000, "live": _side(610, 740, 610), "draft": _side(670, 800, 580),
    "sources": [
        _source("base", 520, 520, (4, 4)), _source("big-order", 0, 150, (0, 3)),
        _source("gift", 90, 0, (4, 0)),
    ],
    "payers": [
        {
            "funding_source": "merchant", "live_points": 610, "draft_points": 520,
            "live_cost_cents": 610, "draft_cost_cents": 520,
        },
        {
            "funding_source": "brand-a", "live_points": 0, "draft_points": 150,
            "live_cost_cents": 0, "draft_cost_cents": 60,
        },
    ],
    "stretches": [{"starts_on": "2026-10-30", "live_points": 610, "draft_points": 670}],
    "winners": 1, "losers": 1, "unchanged": 1, "spread": [1, 0, 0, 1, 0, 1, 0, 0],
    "most_won": [_change("lin", 430, 520)], "most_lost": [_change("tao", 50, 20)],
    "tier_moves": None,
}  # fmt: skip
_BACKTEST: Values = {
    "id": ID, "status": "done", "done": 4, "total": 4, "progress": 100,
    "proposal": {"days": 90, **_PROPOSED}, "until": MOMENT, "error": None,
    "comparison": _COMPARISON, "asked_by_name": "Lin", "created_at": MOMENT, "finished_at": LATER,
}  # fmt: skip


def _simulated(points: int, rules: list[Values]) -> Values:
    return {
        "points": points, "base_cents": 11_000, "base_points": 110, "tier": None, "tier_points": 0,
        "rules": rules,
    }  # fmt: skip


TRIALS: dict[str, Values] = {
    "BacktestIn": {"days": 90, **_PROPOSED},
    "BacktestOut": _BACKTEST,
    "SimulationIn": {
        **_PROPOSED, "order": _ORDER, "event": None, "member_external_id": "mei", "member": None,
    },
    "SimulationOut": {
        "live": _simulated(110, []),
        "draft": _simulated(
            143,
            [
                {
                    "code": "big-order", "name": "Big order", "version": 1, "outcome": "granted",
                    "reason": "", "points": 33, "clawed_back_points": 0, "coupon": None,
                    "detail": "Gave 33 points.",
                }
            ],
        ),
    },
}  # fmt: skip
