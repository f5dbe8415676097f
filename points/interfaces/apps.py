from django.apps import AppConfig


class InterfacesConfig(AppConfig):
    name = "points.interfaces"
    label = "interfaces"
    verbose_name = "Interfaces"
