from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "points.channels"
    label = "channels"
    verbose_name = "Channels"
