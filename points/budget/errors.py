"""What budgets refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class BudgetContradicts(DomainError):
    code, status = "budget.contradicts", 400
    message = gettext_lazy(
        "A budget is a number of points or a share of the revenue: give one of the two."
    )
