from django.apps import AppConfig


class AdjustmentsConfig(AppConfig):
    name = "points.adjustments"
    label = "adjustments"
    verbose_name = "Adjustments"
