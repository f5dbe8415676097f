from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "points.insights"
    label = "insights"
    verbose_name = "Insights"
