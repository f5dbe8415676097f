"""The auditors' view of stock: items of the mall, their variants, and variants of the shop."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_shop_orders_and_what_pays_them"),
        ("redemption", "0005_functions_of_variants"),
    ]
    operations = [
        migrations.RunSQL((SQL / "audit_stock.sql").read_text(), "drop view audit_stock"),
    ]
