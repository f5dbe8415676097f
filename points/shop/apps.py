from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "points.shop"
    label = "shop"
    verbose_name = "Shop"
