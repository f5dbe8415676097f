from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "points.media"
    label = "media"
    verbose_name = "Media"
