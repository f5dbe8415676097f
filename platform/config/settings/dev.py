"""A laptop and the demo: plain http on localhost, mail into files, demo sign-in."""

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import RUN_DIR

# Generated into .run/env by `manage.py up`; commands that touch no stack may run without one.
SECRET_KEY = SECRET_KEY or "only-for-commands-without-a-running-stack"  # noqa: F405
EMAIL_BACKEND = "devstack.mail.EmailBackend"
EMAIL_FILE_PATH = RUN_DIR / "outbox"
SMS_BACKEND = "file"
DEMO_SIGN_IN = True
WEBHOOKS_ALLOW_LOOPBACK = env.flag("JIFEN_WEBHOOKS_ALLOW_LOOPBACK", True)
