"""Lots whose maturity is not known yet, and the functions that give them their dates; limits of
transfers count what merged members gave."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("wallets", "grants", "expiry", "transfers")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_opening_balances_are_quiet"),
    ]
    operations = [
        migrations.AlterField(
            model_name="lot",
            name="matures_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_mature", False), ("matures_at__isnull", False), _connector="OR"
                ),
                name="mature_lot_has_matured_at_a_moment",
            ),
        ),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
            for name in FILES
        ),
    ]
