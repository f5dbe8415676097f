"""What every kind of run shares. Values that differ come from the environment."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab
from csp.constants import NONCE
from kombu.entity import Queue

from config import env

ROOT = env.ROOT
RUN_DIR = env.RUN_DIR
env.load_run_env()

SECRET_KEY = env.text("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = ["*"]  # MerchantMiddleware answers known hosts only
BASE_DOMAIN = env.text("JIFEN_BASE_DOMAIN", "localhost")
PUBLIC_SCHEME = env.text("JIFEN_PUBLIC_SCHEME", "http")
PORT = env.number("JIFEN_PORT", 8000)
PUBLIC_PORT_SUFFIX = env.text("JIFEN_PUBLIC_PORT_SUFFIX", f":{PORT}")
# How many proxies before us append to X-Forwarded-For; the address is counted from the right.
TRUSTED_PROXIES = env.number("JIFEN_TRUSTED_PROXIES", 0)

SHARED_APPS = [
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_vite",
    "csp",
    "users",
    "tenants",
    "billing",
    "portal",
    "superadmin",
    "devstack",
]
TENANT_APPS = [
    "kernel",
    "points.audit",
    "points.jobs",
    "points.media",
    "points.members",
    "points.program",
    "points.ledger",
    "points.orders",
    "points.budget",
    "points.adjustments",
    "points.imports",
    "points.segments",
    "points.earning",
    "points.checkin",
    "points.tiers",
    "points.coupons",
    "points.cash",
    "points.redemption",
    "points.shop",
    "points.referral",
    "points.channels",
    "points.webhooks",
]
OTHER_APPS = ["points.flows", "points.insights", "points.interfaces"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, *OTHER_APPS]

TENANT_MODEL = "tenants.Merchant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_SYNC_ROUTER = "tenants.routers.SchemaRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
TENANT_LIMIT_SET_CALLS = True
PROVISIONING_CONTENT = "points.flows.shop_opened.fill_schema"

_ENGINE = "tenants.postgresql"
_APP_URL = env.text("DATABASE_URL", "postgresql://jifen_app@127.0.0.1:5432/jifen")
DATABASES: dict[str, dict[str, Any]] = {
    # The role the product runs as: it cannot change or delete what is in the ledger.
    "default": env.database(_APP_URL, engine=_ENGINE),
    # The role that owns the tables: migrations and provisioning only.
    "owner": env.database(env.text("DATABASE_OWNER_URL", _APP_URL), engine=_ENGINE),
}
DATABASES["owner"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/1")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _REDIS_URL,
        "KEY_FUNCTION": "tenants.caching.make_key",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
RATE_LIMIT_STORAGE = _REDIS_URL

ROOT_URLCONF = "config.urls_tenant"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

MIDDLEWARE = [
    "kernel.context.RequestContextMiddleware",
    "tenants.middleware.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.MerchantMiddleware",
    "kernel.language.LanguageMiddleware",
    "points.interfaces.partner.middleware.PartnerMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kernel.content_policy.ContentPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
        },
    }
]

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "users.hashers.PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "users.sessions"
SESSION_COOKIE_NAME = "jf_staff"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MEMBER_COOKIE_NAME = "jf_member"
DEVICE_COOKIE_NAME = "jf_device"
CSRF_COOKIE_NAME = "jf_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "platform" / "config" / "locale"]
LANGUAGE_COOKIE_NAME = "jf_lang"

STATIC_URL = "/static/"
STATIC_ROOT = RUN_DIR / "static"
STATICFILES_DIRS = [
    (name, folder)
    for name, folder in (
        ("storefront", ROOT / "frontend/apps/storefront/dist"),
        ("console", ROOT / "frontend/apps/console/dist"),
        ("portal", ROOT / "frontend/apps/portal/dist"),
        ("pictures", ROOT / "frontend/pictures"),
    )
    if folder.exists()
]
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    # Vite has put hashes into the names; hashing again would load modules twice.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
MEDIA_ROOT = RUN_DIR / "media"
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"
WHITENOISE_IMMUTABLE_FILE_TEST = r"/assets/.+-[\w-]{8}\.\w+$"
DJANGO_VITE = {
    app: {
        "dev_mode": False,
        "manifest_path": ROOT / f"frontend/apps/{app}/dist/manifest.json",
        "static_url_prefix": app,
    }
    for app in ("storefront", "console", "portal")
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "EXCEPTION_HANDLER": "kernel.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("JIFEN_MAIL_FROM", "Jifen <no-reply@localhost>")
EMAIL_TIMEOUT = 10

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_DEFAULT_QUEUE = "jifen"
# A worker takes from all unless told otherwise (-Q). Webhooks wait for other people's servers, so a
# large installation gives them workers of their own; jobs last for minutes and always have one, or
# nothing else would move meanwhile.
CELERY_TASK_QUEUES = [Queue(name) for name in ("jifen", "webhooks", "jobs")]  # type: ignore[no-untyped-call]
CELERY_TASK_ROUTES = {
    "points.flows.tasks.deliver_webhooks": {"queue": "webhooks"},
    "points.flows.tasks.run_job": {"queue": "jobs"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Above the longest time limit, or a task still running would be handed out a second time.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
# A message that waited longer than its period is dropped: the next one does the same work.
_HALF_MINUTE = {"schedule": 30.0, "options": {"expires": 25}}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-provisioning": {"task": "tenants.tasks.sweep_provisioning", **_HALF_MINUTE},
    "run-due-jobs": {"task": "points.flows.tasks.run_due_jobs_everywhere", **_HALF_MINUTE},
    "tell-listeners": {
        "task": "points.flows.tasks.tell_listeners",
        "schedule": 5.0,
        "options": {"expires": 4},
    },
    "forget-expired-signups": {
        "task": "portal.tasks.forget_expired_signups",
        "schedule": 3600.0,
    },
    "send-waiting-mail": {"task": "portal.tasks.send_waiting_codes", **_HALF_MINUTE},
    "prove-the-books": {
        "task": "points.flows.tasks.prove_books_everywhere",
        "schedule": crontab(hour="3", minute="7"),
    },
    "forget-expired-sessions": {
        "task": "users.tasks.forget_expired_sessions",
        "schedule": crontab(hour="4", minute="37"),
    },
    "forget-old-records": {
        "task": "points.flows.tasks.forget_old_records_everywhere",
        "schedule": crontab(hour="4", minute="7"),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "kernel.context.ContextFilter"}},
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s merchant=%(merchant)s"
            " actor=%(actor)s request=%(request_id)s %(message)s"
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["context"], "formatter": "line"}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # stripe tells of every call, with its address.
    "loggers": {"django.request": {"level": "ERROR"}, "stripe": {"level": "WARNING"}},
}

STRIPE_API_KEY = env.text("STRIPE_API_KEY", "")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
# Signs the events of connected accounts that Stripe sends to /api/platform/v1/connect/webhook.
STRIPE_CONNECT_WEBHOOK_SECRET = env.text("STRIPE_CONNECT_WEBHOOK_SECRET", "")
STRIPE_API_VERSION = "2026-10-28.endive"
# Where WeChat Pay answers; another server only in trials.
WECHAT_PAY_BASE = env.text("WECHAT_PAY_BASE", "https://api.mch.weixin.qq.com")
DEMO_SIGN_IN = False
# Who listens to what a merchant's schema tells (kernel.outbox): topic prefix → function.
OUTBOX_HANDLERS = {"audit.": "points.flows.audited.copy_to_platform"}
# Who keeps a copy of what is told: SQL that runs as events leave the queue.
OUTBOX_COPIES = ["points.webhooks.copying.COPY_EVENTS"]
# Keys under which secrets are sealed (kernel.sealing), newest first, separated by commas. Without
# them the secret key serves; whoever wants to change that one sets them first.
SEALING_KEYS = [key for key in env.text("JIFEN_SEALING_KEYS", "").split(",") if key]
# Webhooks to servers on this machine, over plain http: for development only.
WEBHOOKS_ALLOW_LOOPBACK = False
