from django.apps import AppConfig


class ReferralConfig(AppConfig):
    name = "points.referral"
    label = "referral"
    verbose_name = "Referral"
