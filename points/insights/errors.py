"""What reports refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class PeriodInvalid(DomainError):
    code, status = "insights.period_invalid", 400
    message = gettext_lazy("The period is not valid: %(reason)s")


class MonthInvalid(DomainError):
    code, status = "insights.month_invalid", 400
    message = gettext_lazy("%(month)s is no month; write it as 2026-11.")


class ProposalInvalid(DomainError):
    code, status = "insights.proposal_invalid", 400
    message = gettext_lazy("The proposal cannot be tried: %(field)s %(reason)s.")
