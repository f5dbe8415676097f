"""Settings, URL maps and process entry points. The top of the stack: nothing imports it.

Importing it loads the Celery application, so that a task sent from any process goes to our broker
and not to the default one.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
