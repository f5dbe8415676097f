"""Goods may be exchanged and payments charged back: kinds of refunds, each with keys of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_what_limits_cut"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_is_told_once",
        ),
        migrations.AddField(
            model_name="refund",
            name="clawback_transaction_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="kind",
            field=models.CharField(
                choices=[
                    ("refund", "Refund"),
                    ("exchange", "Exchange"),
                    ("chargeback", "Chargeback"),
                ],
                default="refund",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="replacements",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="refund",
            name="reversal",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("order", "kind", "external_id"), name="refund_is_told_once"
            ),
        ),
    ]
