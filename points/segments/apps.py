from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "points.segments"
    label = "segments"
    verbose_name = "Segments"
