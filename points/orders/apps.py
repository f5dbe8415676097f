from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "points.orders"
    label = "orders"
    verbose_name = "Orders"
