"""Stored function that reads the programme."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("program", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "functions.sql").read_text(), migrations.RunSQL.noop),
    ]
