from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "points.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
