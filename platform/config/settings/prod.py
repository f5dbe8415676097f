"""Production: https only, strict cookies, and a start that refuses what is only for laptops."""

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, SEALING_KEYS, STRIPE_API_BASE

SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 40 or any(
    word in SECRET_KEY.lower() for word in ("change", "sample", "only-for", "insecure")
):
    raise ImproperlyConfigured("SECRET_KEY must be a random text of at least 40 characters.")
if env.flag("DEBUG", False):
    raise ImproperlyConfigured("Production does not run with DEBUG=true.")
if env.flag("JIFEN_WEBHOOKS_ALLOW_LOOPBACK", False):
    raise ImproperlyConfigured(
        "JIFEN_WEBHOOKS_ALLOW_LOOPBACK is for laptops: merchants' webhooks could call this server."
    )
if STRIPE_API_BASE and not STRIPE_API_BASE.startswith("https://"):
    raise ImproperlyConfigured("STRIPE_API_BASE must be https: payments go through it.")
if any(len(key) < 40 for key in SEALING_KEYS):
    raise ImproperlyConfigured("JIFEN_SEALING_KEYS must be random texts of at least 40 characters.")
if DATABASES["default"]["USER"] == DATABASES["owner"]["USER"]:
    raise ImproperlyConfigured(
        "DATABASE_URL and DATABASE_OWNER_URL must name two roles: the one the product runs as"
        " may not be able to change the ledger."
    )

PUBLIC_SCHEME = "https"
PUBLIC_PORT_SUFFIX = env.text("JIFEN_PUBLIC_PORT_SUFFIX", "")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-jf_staff"
MEMBER_COOKIE_NAME = "__Host-jf_member"
DEVICE_COOKIE_NAME = "__Host-jf_device"
CSRF_COOKIE_NAME = "__Host-jf_csrf"
SMS_BACKEND = env.text("JIFEN_SMS_BACKEND", "none")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
