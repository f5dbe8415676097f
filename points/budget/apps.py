from django.apps import AppConfig


class BudgetConfig(AppConfig):
    name = "points.budget"
    label = "budget"
    verbose_name = "Budget"
