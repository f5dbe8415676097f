from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "points.ledger"
    label = "ledger"
    verbose_name = "Ledger"
