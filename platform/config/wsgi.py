"""The web application: `granian --interface wsgi config.wsgi:application`."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

from django.core.wsgi import get_wsgi_application

from config.celery import app as celery
from config.loading import load_ahead

application = get_wsgi_application()
load_ahead(celery)
# What has been loaded stays: the collector need not look through it again with every request.
gc.freeze()
# A request leaves hardly any cycles behind: looking for them every 700 objects is a tenth of its time.
gc.set_threshold(50_000, 20, 20)
