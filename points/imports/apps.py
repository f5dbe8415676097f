from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "points.imports"
    label = "imports"
    verbose_name = "Imports"
