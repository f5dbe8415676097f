from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "points.coupons"
    label = "coupons"
    verbose_name = "Coupons"
