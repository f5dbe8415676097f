from django.apps import AppConfig


class TiersConfig(AppConfig):
    name = "points.tiers"
    label = "tiers"
    verbose_name = "Tiers"
