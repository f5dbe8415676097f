from django.apps import AppConfig


class CashConfig(AppConfig):
    name = "points.cash"
    label = "cash"
    verbose_name = "Cash"
