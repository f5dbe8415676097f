"""Stored functions of issuing and expiring, and the auditors' view of coupons."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("coupons", "0001_templates_and_coupons"), ("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "functions.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "audit_view.sql").read_text(), "drop view audit_coupon"),
    ]
