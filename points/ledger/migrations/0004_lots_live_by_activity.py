"""Lots that live by activity, walks through wallets, notices; and the functions that know them."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("expiry", "grants", "spending", "holds", "clawback")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_growth_is_not_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="lot",
            name="idle_rule",
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name="wallet",
            name="last_active_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="ExpiryNotice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "wallet_id",
                        "expires_date",
                        "days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("expires_date", models.DateField()),
                ("days", models.SmallIntegerField()),
                ("told_at", models.DateTimeField()),
                (
                    "wallet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.wallet",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WalletWalk",
            fields=[
                (
                    "id",
                    models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("notices", "Notices"), ("extension", "Extension")], max_length=9
                    ),
                ),
                ("key", models.TextField()),
                ("details", models.JSONField(default=dict)),
                ("after_wallet_id", models.BigIntegerField(default=0)),
                ("wallets", models.BigIntegerField(default=0)),
                ("lots", models.BigIntegerField(default=0)),
                ("points", models.BigIntegerField(default=0)),
                ("actor", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="walk_is_begun_once")
                ],
            },
        ),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
            for name in FILES
        ),
    ]
