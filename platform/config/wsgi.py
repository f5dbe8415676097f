"""The web application: `granian --interface wsgi config.wsgi:application`."""

import gc
import os
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

# Every view before the first request, not during it.
for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
    import_module(urls)
# What has been loaded stays: the collector need not look through it again with every request.
gc.freeze()
