"""Stored functions of tasks and their claims."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0002_functions"),
        ("ledger", "0004_lots_live_by_activity"),
        ("orders", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL((SQL / "tasks.sql").read_text(), migrations.RunSQL.noop),
    ]
