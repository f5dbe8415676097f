"""What is brought over from another system is not told as earned."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_points_that_are_over_pay_no_debt")]
    operations = [
        migrations.RunSQL((SQL / "grants.sql").read_text(), migrations.RunSQL.noop),
    ]
