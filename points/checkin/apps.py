from django.apps import AppConfig


class CheckinConfig(AppConfig):
    name = "points.checkin"
    label = "checkin"
    verbose_name = "Check-in"
