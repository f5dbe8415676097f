"""Time passes: what has become due is done. Also the test clock, which makes it pass at will."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy

from kernel.errors import DomainError
from kernel.models import TestClock
from points.budget.actions import watch_budgets
from points.cash.red_packets import end_due_red_packets
from points.coupons import actions as coupons
from points.earning.models import EarningEvent
from points.flows import commission, growth
from points.flows.birthday_gifts import give_birthday_gifts
from points.flows.monthly_coupons import give_monthly_coupons
from points.flows.occasions import find_occasions
from points.flows.redeemed import give_up_unpaid
from points.flows.referral_rewarded import reward_due
from points.flows.shop_moved import cancel_unpaid, complete_arrived
from points.ledger import actions as ledger
from points.ledger import expiring
from points.ledger.models import Transaction
from points.orders.models import Order
from points.program.queries import get_program
from points.segments.actions import measure_rfm

# Wallets locked at once: an earning that meets one of them waits for the whole batch.
BATCH = 200


class ClockRunsForward(DomainError):
    code = "flows.clock_runs_forward"
    message = gettext_lazy("The test clock stands at %(now)s and only moves forward.")


def run_due_jobs(*, at: datetime) -> dict[str, int]:
    """Everything due by `at`, in batches that can be interrupted; job → how many rows it did."""
    day = get_program().calendar.day_of(at)
    jobs: dict[str, Callable[[], int]] = {
        "extensions_continued": lambda: _until_none(lambda: expiring.go_on_extending(at=at)),
        "wallets_refreshed": lambda: _refresh_wallets(at),
        "orders_given_up": lambda: cancel_unpaid(at=at),
        "parcels_arrived": lambda: complete_arrived(at=at),
        "occasions_found": lambda: _until_none(lambda: _in_one(lambda: find_occasions(at=at))),
        "birthdays_kept": lambda: give_birthday_gifts(at=at),
        "budgets_told": lambda: watch_budgets(at=at, day=day),
        "tiers_reassessed": lambda: growth.review_tiers(at=at),
        "monthly_coupons_given": lambda: give_monthly_coupons(at=at),
        "referrals_decided": lambda: reward_due(at=at),
        "commissions_settled": lambda: commission.settle_due(at=at),
        "notices_looked_at": lambda: _tell_expiring(at),
        "members_scored": lambda: _score_members(at),
        "coupons_ended": lambda: _until_none(lambda: coupons.sweep(at=at)),
        "redemptions_given_up": lambda: _until_none(lambda: give_up_unpaid(at=at)),
        "red_packets_ended": lambda: _until_none(lambda: end_due_red_packets(at=at)),
    }
    return {name: job() for name, job in jobs.items()}


def _refresh_wallets(at: datetime) -> int:
    total, last = 0, 0
    while True:
        done, last = ledger.refresh_wallets(at=at, after=last, limit=BATCH)
        if not done:
            return total
        total += done


def _tell_expiring(at: datetime) -> int:
    program = get_program()
    days = program.settings.expiry.notice_days
    return _until_none(
        lambda: expiring.tell_expiring(calendar=program.calendar, notice_days=days, at=at)
    )


def move_test_clock(*, to: datetime, at: datetime, run_jobs: bool) -> dict[str, int]:
    """Set the merchant's own clock and, if asked, do what became due. Raises ClockRunsForward.

    `at` is the real now, which the shop went by until it has a clock of its own. The first setting
    may go before it as long as nothing has happened: no order, no event, no point moved, whose date
    would lie ahead.
    """
    with transaction.atomic():
        clock, is_first = TestClock.objects.select_for_update().get_or_create(
            pk=1, defaults={"now": to}
        )
        stands_at = at if is_first else clock.now
        if to < stands_at and not (is_first and _nothing_happened()):
            raise ClockRunsForward(now=stands_at.isoformat())
        clock.now = to
        clock.save()
    return run_due_jobs(at=to) if run_jobs else {}


def _nothing_happened() -> bool:
    return not any(model.objects.exists() for model in (Transaction, Order, EarningEvent))


def _in_one(batch: Callable[[], int]) -> int:
    with transaction.atomic():
        return batch()


def _score_members(at: datetime) -> int:
    """The scale of RFM scores, once a business day."""
    calendar = get_program().calendar
    return measure_rfm(at=at, since=calendar.start_of(calendar.day_of(at)))


def _until_none(batch: Callable[[], int]) -> int:
    total = 0
    while done := batch():
        total += done
    return total
