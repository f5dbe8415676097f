from django.apps import AppConfig


class SuperadminConfig(AppConfig):
    name = "superadmin"
    label = "superadmin"
    verbose_name = "Super-admin"
