"""What check-in refuses. The first code is settled by the API's contract, under earning's name."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class AlreadyCheckedIn(DomainError):
    code = "earning.already_checked_in"
    message = gettext_lazy("Checked in on %(date)s already.")


class DayNotOpen(DomainError):
    code = "checkin.day_not_open"
    message = gettext_lazy("%(date)s cannot be made up for: only a missed day since %(first)s can.")


class NoCardLeft(DomainError):
    code = "checkin.no_make_up_left"
    message = gettext_lazy("All %(limit)s make-ups of this month are used.")
