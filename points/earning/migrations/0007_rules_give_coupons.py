"""An award may be a coupon in the place of points, issued within the award."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("tasks", "grants")


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0006_grants_of_many_in_arrays"),
        ("coupons", "0002_functions_and_audit_view"),
    ]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in FILES
    ]
