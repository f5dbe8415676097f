from django.apps import AppConfig


class ProgramConfig(AppConfig):
    name = "points.program"
    label = "program"
    verbose_name = "Programme"
