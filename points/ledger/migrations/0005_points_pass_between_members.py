"""A stored function that gives points of one member to another."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_lots_live_by_activity")]
    operations = [
        migrations.RunSQL((SQL / "transfers.sql").read_text(), migrations.RunSQL.noop),
    ]
