"""Brings the functions to schemas that have older ones: members can be merged."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0003_claims"),
        ("members", "0004_identities_fields_and_merges"),
    ]
    operations = [
        migrations.RunSQL((SQL / "events.sql").read_text(), migrations.RunSQL.noop),
    ]
