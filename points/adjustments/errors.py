"""What adjustments refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class AdjustmentNotFound(DomainError):
    code, status = "adjustments.not_found", 404
    message = gettext_lazy("There is no such adjustment.")


class AlreadyDecided(DomainError):
    code = "adjustments.already_decided"
    message = gettext_lazy("This adjustment does not wait any more: it is %(status)s.")


class SamePerson(DomainError):
    code, status = "adjustments.same_person", 403
    message = gettext_lazy("Who asked for an adjustment cannot approve it; a second person must.")


class DailyLimitReached(DomainError):
    code = "adjustments.daily_limit_reached"
    message = gettext_lazy(
        "Points you may adjust a day: %(limit)s; used: %(used)s, left: %(left)s."
    )
