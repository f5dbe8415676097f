"""Stored functions of granting and of events."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0001_initial"),
        ("ledger", "0002_functions_and_views"),
        ("budget", "0002_functions"),
        ("program", "0003_a_revision_for_what_is_remembered"),
        ("members", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in ("grants", "events", "facts")
    ]
