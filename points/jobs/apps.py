from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "points.jobs"
    label = "jobs"
    verbose_name = "Jobs"
