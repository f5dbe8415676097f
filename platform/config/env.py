"""Reads the process environment, loudly: a value that cannot be understood stops the start."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
RUN_DIR = Path(os.environ.get("JIFEN_RUN_DIR", ROOT / ".run"))


def load_run_env() -> None:
    """Put what the development stack wrote to `.run/env` beneath the real environment."""
    file = RUN_DIR / "env"
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def text(name: str, default: str | None = None) -> str:
    """Value of NAME, else the content of the file named by NAME_FILE, else the default."""
    if name in os.environ:
        return os.environ[name]
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set (nor {name}_FILE).")
    return default


def flag(name: str, default: bool) -> bool:
    """True or False from `true` / `false`; any other word is an error that names the two."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be `true` or `false`, not {value!r}.")
    return value == "true"


def number(name: str, default: int) -> int:
    """Whole number from the environment."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def database(url: str, *, engine: str) -> dict[str, object]:
    """Django database settings from postgresql://user:password@host:port/name."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"A database URL must start with postgresql://: {parts.scheme}")
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": number("JIFEN_CONN_MAX_AGE", 120),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
