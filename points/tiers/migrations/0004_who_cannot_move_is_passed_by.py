"""Brings functions to schemas that have older ones: a local day begins once, also where the clocks go
back over its first hour, and a recalculation looks closer only at those it could move."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0003_erasure_empties_reasons"),
        ("ledger", "0007_points_that_are_over_pay_no_debt"),
    ]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in ("reassess", "recalculate")
    ]
