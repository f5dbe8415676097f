"""A stored function that empties what staff wrote about members who were erased."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0002_functions"),
        ("members", "0004_identities_fields_and_merges"),
    ]
    operations = [
        migrations.RunSQL((SQL / "erasing.sql").read_text(), migrations.RunSQL.noop),
    ]
