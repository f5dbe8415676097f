"""The facts conditions of rules may speak of, by trigger, and how they are put together.

Money in minor units, moments aware, days and hours in the merchant's time zone.
"""

from calendar import isleap
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import msgspec
from django.utils.translation import gettext_lazy as _

from kernel.clock import Calendar
from points.conditions.fields import Field, Schema, Wildcard

MEMBER_FIELDS = (
    Field("member.tier", "text", _("Tier")),
    Field("member.tags", "texts", _("Tags")),
    Field("member.orders_count", "whole", _("Orders before this one")),
    Field("member.spent_cents", "money", _("Spent before this order")),
    Field("member.joined_at", "moment", _("Joined")),
    Field("member.birthday_month", "whole", _("Month of birth")),
    Field("member.is_birthday", "boolean", _("It is the member's birthday")),
    Field("member.has_phone", "boolean", _("Has given a phone number")),
    Field("member.has_email", "boolean", _("Has given an e-mail address")),
)
CLOCK_FIELDS = (
    Field("clock.weekday", "whole", _("Day of the week (Monday is 1)")),
    Field("clock.hour", "whole", _("Hour of the day (0 to 23)")),
    Field("clock.day_of_month", "whole", _("Day of the month")),
    Field("clock.date", "date", _("Date")),
)
ORDER_FIELDS = (
    Field("order.amount_cents", "money", _("Amount of the order that counts")),
    Field("order.goods_cents", "money", _("Price of the goods")),
    Field("order.channel", "text", _("Channel")),
    Field("order.pieces", "whole", _("Pieces in the order")),
    Field("order.skus", "texts", _("Products in the order")),
    Field("order.categories", "texts", _("Categories in the order")),
)
CHECKIN_FIELDS = (
    Field("checkin.streak", "whole", _("Days in a row")),
    Field("checkin.total", "whole", _("Days in all")),
)
LINE_FIELDS = (
    Field("line.sku", "text", _("Product")),
    Field("line.category", "text", _("Category")),
    Field("line.quantity", "whole", _("Pieces")),
    Field("line.amount_cents", "money", _("Amount of the line")),
)
LINE_SCHEMA = Schema(LINE_FIELDS)
PROPERTIES = "event.properties."


@cache
def schema_of(trigger: str) -> Schema:
    """The fields a rule with this trigger may use."""
    if trigger.startswith("order."):
        return Schema((*ORDER_FIELDS, *MEMBER_FIELDS, *CLOCK_FIELDS))
    if trigger == "checkin":
        return Schema((*CHECKIN_FIELDS, *MEMBER_FIELDS, *CLOCK_FIELDS))
    return Schema((*MEMBER_FIELDS, *CLOCK_FIELDS), [Wildcard(PROPERTIES)])


class MemberFacts(msgspec.Struct, array_like=True, frozen=True):
    """What rules may ask about a member, as it stands before what is being judged."""

    tags: list[str]
    orders_count: int
    spent_cents: int
    joined_at: datetime
    birthday: date | None
    has_phone: bool
    has_email: bool
    tier: str | None = None
    tier_name: str = ""
    multiplier: Decimal = Decimal(1)
    segments: frozenset[str] = frozenset()

    def after(self, spent_cents: int) -> "MemberFacts":
        """As it stands after one more order of this amount."""
        return msgspec.structs.replace(
            self, orders_count=self.orders_count + 1, spent_cents=self.spent_cents + spent_cents
        )


def member_facts(member: MemberFacts, *, day: date) -> dict[str, object]:
    """Facts of a member on a local day. Someone born on 29 February has it on 28 in other years."""
    birthday = member.birthday
    return {
        "member.tier": member.tier,
        "member.tags": member.tags,
        "member.orders_count": member.orders_count,
        "member.spent_cents": member.spent_cents,
        "member.joined_at": member.joined_at,
        "member.birthday_month": birthday.month if birthday else None,
        "member.is_birthday": birthday is not None and is_birthday(birthday, day),
        "member.has_phone": member.has_phone,
        "member.has_email": member.has_email,
    }


def is_birthday(birthday: date, day: date) -> bool:
    """Whether a local day is somebody's birthday."""
    if (birthday.month, birthday.day) == (day.month, day.day):
        return True
    is_eve = (birthday.month, birthday.day, day.month, day.day) == (2, 29, 2, 28)
    return is_eve and not isleap(day.year)


def clock_facts(moment: datetime, calendar: Calendar) -> dict[str, object]:
    """Facts of the moment, by the wall clock of the merchant; the date is the business day."""
    local = calendar.local(moment)
    return {
        "clock.weekday": calendar.day_of(moment).isoweekday(),
        "clock.hour": local.hour,
        "clock.day_of_month": calendar.day_of(moment).day,
        "clock.date": calendar.day_of(moment),
    }
