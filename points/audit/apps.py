from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "points.audit"
    label = "audit"
    verbose_name = "Audit log"
