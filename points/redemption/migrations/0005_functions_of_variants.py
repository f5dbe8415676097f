"""Redemptions of variants, limits in time, gift codes, low stock."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("redemption", "0004_the_mall_grown_up"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "functions.sql").read_text(), migrations.RunSQL.noop),
    ]
