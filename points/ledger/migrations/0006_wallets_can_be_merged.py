"""Wallets of members who were merged are poured into the survivor's."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = (
    "wallets", "grants", "merges", "spending", "holds", "clawback", "reading", "erasing",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_points_pass_between_members"),
        ("members", "0004_identities_fields_and_merges"),
    ]
    operations = [
        migrations.AddField(
            model_name="wallet",
            name="merged_into_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="wallet",
            index=models.Index(
                condition=models.Q(("merged_into_id__isnull", False)),
                fields=["merged_into_id"],
                name="wallet_merged",
            ),
        ),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
            for name in FILES
        ),
    ]
