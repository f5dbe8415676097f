"""What the first requests would otherwise wait for: loaded when a process starts."""

from importlib import import_module

from celery import Celery
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.validators import validate_email


def load_ahead(celery: Celery) -> None:
    """Load views, the ways to Redis and to the broker, and all that looks at a sign-up's words.

    Half a second in all, which the first member or merchant of each process would wait.
    """
    for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        import_module(urls)
    import_module("kernel.limits").load()  # by its name: it needs the applications to be loaded
    import_module("kombu.transport.redis")
    import_module("argon2")
    for part in ("backend", "amqp"):  # made when they are first looked at
        getattr(celery, part)
    password_validation.get_default_password_validators()
    validate_email("somebody@example.com")
