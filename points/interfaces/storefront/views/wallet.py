"""Where the member's points came from, where they went, and when they end."""

from datetime import date
from typing import Annotated

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor, NotSignedIn
from kernel.shapes import Moment
from points.interfaces.storefront import rendering, schemas
from points.interfaces.storefront.base import MemberEndpoint
from points.ledger import queries as ledger
from points.program.queries import get_program

_RowId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
MONTHS = 12


class Transactions(MemberEndpoint):
    """The lines of the points ledger: 5 queries."""

    @operation(
        summary="List points transactions, newest first",
        description="`direction` keeps what came in or what went out.",
        query=schemas.TransactionQuery,
        answers={200: schemas.TransactionItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: schemas.TransactionQuery) -> schemas.TransactionItems:
        before = decode_cursor(query.cursor, tuple[Moment, _RowId])
        member = self.member.pk
        # Reading the balance books what is due, so that the list says what the balance says.
        ledger.get_balance(member=member, at=clock.now())
        found = ledger.list_transactions(
            member=member, limit=query.limit + 1, before=before, direction=query.direction
        )
        page, following = cut(found, query.limit, lambda row: (row.occurred_at, row.pk))
        pending = ledger.pending_until(transactions=page)
        items = [rendering.transaction(row, pending) for row in page]
        return schemas.TransactionItems(items=items, next=following)


class Months(MemberEndpoint):
    """What came in and went out, month by month: 4 queries."""

    @operation(
        summary="Sum points by month",
        description="The last 12 months of the merchant's calendar, newest first. `earned` is all"
        " that came in, returned points included; `spent` all that went out, however it went.",
        answers={200: schemas.MonthItems},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.MonthItems:
        at = clock.now()
        calendar = get_program().calendar
        months = _last_months(calendar.day_of(at))
        ledger.get_balance(member=self.member.pk, at=at)
        sums = {
            row.month: row
            for row in ledger.sum_by_month(
                member=self.member.pk, since=calendar.start_of(months[-1]), calendar=calendar
            )
        }
        return schemas.MonthItems(items=[_month(f"{day:%Y-%m}", sums) for day in months])


class Lots(MemberEndpoint):
    """What is left of what was earned, soonest expiry first: 3 queries."""

    @operation(
        summary="List open lots",
        answers={200: schemas.LotItems},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.LotItems:
        lots = ledger.list_lots(member=self.member.pk, at=clock.now())
        return schemas.LotItems(items=[rendering.lot(row) for row in lots])


def _last_months(today: date) -> list[date]:
    """First days of this month and the eleven before it, newest first."""
    index = today.year * 12 + today.month - 1
    return [date((index - i) // 12, (index - i) % 12 + 1, 1) for i in range(MONTHS)]


def _month(name: str, sums: dict[str, ledger.MonthSum]) -> schemas.MonthOut:
    found = sums.get(name)
    return schemas.MonthOut(
        month=name, earned=found.gained if found else 0, spent=found.lost if found else 0
    )
