"""The web application: `granian --interface wsgi config.wsgi:application`."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

from django.core.wsgi import get_wsgi_application

from django.conf import settings
from django.urls import get_resolver

application = get_wsgi_application()
for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
    get_resolver(urls).url_patterns  # loads every view before the first request, not during it
# What has been loaded stays: the collector need not look through it again with every request.
gc.freeze()
