"""The test suite: like dev, with cheap password hashes; servers come from tests/conftest.py."""

from config.settings.dev import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATICFILES_DIRS = []
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - or WhiteNoise warns that it is not there
DJANGO_VITE = {app: {"dev_mode": True} for app in ("storefront", "console", "portal")}
CELERY_TASK_ALWAYS_EAGER = False
