"""Brings a function to schemas that have an older one: a local day begins once, also where the clocks
go back over its first hour."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0003_erasure_empties_reasons"),
        ("ledger", "0007_points_that_are_over_pay_no_debt"),
    ]
    operations = [
        migrations.RunSQL((SQL / "reassess.sql").read_text(), migrations.RunSQL.noop),
    ]
