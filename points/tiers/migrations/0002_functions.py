"""Stored functions of tiers."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0001_initial"), ("ledger", "0004_lots_live_by_activity"),
        ("orders", "0001_initial"), ("members", "0001_initial"), ("kernel", "0001_initial"),
    ]  # fmt: skip
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in ("reassess", "recalculate", "reading")
    ]
