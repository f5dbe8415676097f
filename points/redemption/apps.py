from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    name = "points.redemption"
    label = "redemption"
    verbose_name = "Points mall"
