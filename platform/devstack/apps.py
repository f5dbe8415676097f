"""Django's name for this app."""

from django.apps import AppConfig


class DevstackConfig(AppConfig):
    """Brings `manage.py up`, `down` and `status`."""

    name = "devstack"
    label = "devstack"
    verbose_name = "Development stack"
