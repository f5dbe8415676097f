"""Settings fail loudly, and production refuses what is only for laptops."""

import json
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
SHOWN = (
    "DEBUG", "DEMO_SIGN_IN", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY", "PUBLIC_SCHEME", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME", "MEMBER_COOKIE_NAME",
)  # fmt: skip
# Starts production once for each environment it reads; tells the settings, or why it would not.
STARTER = """
import importlib, json, os, sys
clean, answers = dict(os.environ), []
for given in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(clean | given)
    for name in [n for n in sys.modules if n.split(".")[0] == "config"]:
        del sys.modules[name]
    try:
        prod = importlib.import_module("config.settings.prod")
        answers.append([getattr(prod, name) for name in sys.argv[1:]])
    except Exception as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps(answers))
"""
REFUSED = {
    "no secret": ({"SECRET_KEY": None}, "SECRET_KEY"),
    "a short secret": ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    "a sample": ({"SECRET_KEY": "please-change-me-" + "x" * 40}, "SECRET_KEY"),
    "the laptop's": ({"SECRET_KEY": "only-for-commands-without-a-running-stack"}, "SECRET_KEY"),
    "debugging": ({"DEBUG": "true"}, "DEBUG"),
    "an odd flag": ({"DEBUG": "yes"}, "`true` or `false`"),
    "one role": ({"DATABASE_OWNER_URL": GOOD["DATABASE_URL"]}, "two roles"),
    "no owner": ({"DATABASE_OWNER_URL": None}, "two roles"),
    "webhooks to itself": ({"JIFEN_WEBHOOKS_ALLOW_LOOPBACK": "true"}, "WEBHOOKS_ALLOW_LOOPBACK"),
    "a short sealing key": ({"JIFEN_SEALING_KEYS": "short"}, "JIFEN_SEALING_KEYS"),
    "a stand-in for Stripe": ({"STRIPE_API_BASE": "http://127.0.0.1:9"}, "STRIPE_API_BASE"),
    "another database": ({"DATABASE_URL": "mysql://x"}, "postgresql://"),
}


@pytest.fixture(scope="module")
def starts(tmp_path_factory):
    """What became of production with good settings, and with each of REFUSED."""
    folder = tmp_path_factory.mktemp("run")
    tried = {"good": {}, **{name: changes for name, (changes, _) in REFUSED.items()}}
    given = [
        {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
        for changes in tried.values()
    ]
    done = subprocess.run(
        [sys.executable, "-c", STARTER, *SHOWN], input=json.dumps(given), cwd=folder,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "config.settings.prod", "JIFEN_RUN_DIR": str(folder),
        },
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(zip(tried, json.loads(done.stdout), strict=True))


def test_production_starts_with_real_secrets_and_strict_cookies(starts):
    shown = dict(zip(SHOWN, starts["good"], strict=True))
    assert not shown["DEBUG"] and not shown["DEMO_SIGN_IN"]
    assert shown["PUBLIC_SCHEME"] == "https"
    assert all(shown[name] for name in SHOWN if name.endswith(("SECURE", "HTTPONLY", "REDIRECT")))
    assert all(shown[name].startswith("__Host-") for name in SHOWN if name.endswith("NAME"))


@pytest.mark.parametrize("name", REFUSED)
def test_production_refuses_what_is_only_for_laptops(starts, name):
    assert starts[name].startswith("ImproperlyConfigured: "), starts[name]
    assert REFUSED[name][1] in starts[name]


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
