"""Stored functions and audit views, in each merchant's schema."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("wallets", "grants", "spending", "holds", "clawback", "reading", "audit_views")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in FILES
    ]
