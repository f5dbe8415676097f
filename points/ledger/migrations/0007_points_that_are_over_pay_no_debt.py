"""Brings the functions to schemas that have older ones: what is due is booked in the order of its
moments, points that are over pay no debt, and a local day begins once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = (
    "expiry", "wallets", "grants", "spending", "holds", "clawback", "transfers", "merges",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_wallets_can_be_merged")]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
        for name in FILES
    ]
