from django.apps import AppConfig


class EarningConfig(AppConfig):
    name = "points.earning"
    label = "earning"
    verbose_name = "Earning"
