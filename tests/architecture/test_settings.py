"""Settings fail loudly, and production refuses what is only for laptops."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.architecture.source import ROOT

GOOD = {
    "SECRET_KEY": "q8Zs0Yw2nT4vB6mK1pR3xD5cF7hJ9lA-uE_iO2gL4tS6",
    "DATABASE_URL": "postgresql://jifen_app:a@127.0.0.1:5432/jifen",
    "DATABASE_OWNER_URL": "postgresql://jifen_owner:b@127.0.0.1:5432/jifen",
}
LOOK = (
    "from django.conf import settings as s; import json; print(json.dumps([s.DEBUG, s.DEMO_SIGN_IN,"
    " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.PUBLIC_SCHEME,"
    " s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_NAME[:7], s.CSRF_COOKIE_NAME[:7]]))"
)


def start_production(folder, **changes):
    given = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", LOOK],
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "config.settings.prod", "JIFEN_RUN_DIR": str(folder), **given,
        },
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_production_starts_with_real_secrets_and_strict_cookies(tmp_path):
    done = start_production(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (
        '[false, false, true, true, true, "https", true, "__Host-", "__Host-"]'
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "please-change-me-" + "x" * 40}, "SECRET_KEY"),
        ({"SECRET_KEY": "only-for-commands-without-a-running-stack"}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"DEBUG": "yes"}, "`true` or `false`"),
        ({"DATABASE_OWNER_URL": GOOD["DATABASE_URL"]}, "two roles"),
        ({"DATABASE_OWNER_URL": None}, "two roles"),
        ({"DATABASE_URL": "mysql://x"}, "postgresql://"),
    ],
)
def test_production_refuses_what_is_only_for_laptops(tmp_path, changes, named):
    done = start_production(tmp_path, **changes)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert named in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("value", ["yes", "1", "True", "TRUE", "", " true"])
def test_a_flag_is_true_or_false_and_nothing_else(monkeypatch, value):
    monkeypatch.setenv("X_FLAG", value)
    with pytest.raises(ImproperlyConfigured, match="`true` or `false`"):
        env.flag("X_FLAG", False)


@pytest.mark.parametrize(("value", "meant"), [("true", True), ("false", False)])
def test_a_flag_can_be_read(monkeypatch, value, meant):
    monkeypatch.setenv("X_FLAG", value)
    assert env.flag("X_FLAG", not meant) is meant
    assert env.flag("X_OTHER", True) is True


def test_a_number_is_a_number(monkeypatch):
    monkeypatch.setenv("X_PORT", "80a")
    with pytest.raises(ImproperlyConfigured, match="X_PORT must be a whole number"):
        env.number("X_PORT", 80)
    assert env.number("X_OTHER", 80) == 80


def test_a_secret_may_come_from_a_file_and_must_come_from_somewhere(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "secret"))
    assert env.text("X_SECRET") == "s3cret"
    with pytest.raises(ImproperlyConfigured, match="X_NONE is not set"):
        env.text("X_NONE")


def test_a_database_url_may_hold_any_password():
    read = env.database("postgresql://me:p%40ss%3A@db:6432/jifen%20x", engine="e")
    assert (read["USER"], read["PASSWORD"], read["HOST"], read["PORT"], read["NAME"]) == (
        "me", "p@ss:", "db", 6432, "jifen x",
    )  # fmt: skip
