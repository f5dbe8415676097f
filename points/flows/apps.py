from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "points.flows"
    label = "flows"
    verbose_name = "Flows"
