"""Variants, gift codes, who an item is for, how it is handed over and how its money part is paid."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("redemption", "0003_audit_view"),
    ]

    operations = [
        # It reads columns that change; the newest migration makes it again.
        migrations.RunSQL("drop view if exists audit_stock", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="mallitem",
            name="benefit_days",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="benefit_en",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="benefit_zh",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="coupon_template",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="delivery",
            field=models.CharField(
                choices=[("ship", "Ship"), ("pickup", "Pickup"), ("both", "Both")],
                db_default="ship",
                default="ship",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="funding_source",
            field=models.TextField(db_default="merchant", default="merchant"),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="has_variants",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="low_stock_at",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="per_member_period",
            field=models.CharField(
                choices=[("ever", "Ever"), ("month", "Month"), ("day", "Day")],
                db_default="ever",
                default="ever",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="pickup_days",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="pickup_place_en",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="pickup_place_zh",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="red_packet_cents",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="segment",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mallitem",
            name="tiers",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="redemption",
            name="cash_transaction_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="delivered",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="redemption",
            name="delivery",
            field=models.CharField(blank=True, db_default="", default="", max_length=6),
        ),
        migrations.AddField(
            model_name="redemption",
            name="hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="paid_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="paid_by",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="redemption",
            name="pay_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="payment",
            field=models.CharField(
                blank=True,
                choices=[("wallet", "Wallet"), ("later", "Later"), ("outside", "Outside")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="used_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="used_by",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="redemption",
            name="valid_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="status",
            field=models.CharField(
                choices=[
                    ("awaiting_payment", "Awaiting Payment"),
                    ("pending", "Pending"),
                    ("fulfilled", "Fulfilled"),
                    ("cancelled", "Cancelled"),
                ],
                default="pending",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="transaction_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="GiftCode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sealed", models.TextField()),
                ("digest", models.TextField()),
                ("tail", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("added_by", models.TextField()),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="redemption.mallitem",
                    ),
                ),
                (
                    "redemption",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_codes",
                        to="redemption.redemption",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MallVariant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("name_zh", models.TextField(blank=True)),
                ("name_en", models.TextField(blank=True)),
                ("stock", models.BigIntegerField(null=True)),
                ("low_stock_at", models.BigIntegerField(null=True)),
                ("redeemed_count", models.BigIntegerField(db_default=0, default=0)),
                ("price_points", models.BigIntegerField(null=True)),
                ("price_cents", models.BigIntegerField(null=True)),
                ("position", models.IntegerField(db_default=0, default=0)),
                ("is_retired", models.BooleanField(db_default=False, default=False)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="redemption.mallitem",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="redemption",
            name="variant",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="redemption.mallvariant",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("transaction_id__isnull", False),
                    models.Q(
                        ("hold_id__isnull", False),
                        ("status__in", ["awaiting_payment", "cancelled"]),
                    ),
                    _connector="OR",
                ),
                name="redemption_spends_or_holds_its_points",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "awaiting_payment"), _negated=True),
                    ("pay_by__isnull", False),
                    _connector="OR",
                ),
                name="unpaid_redemption_has_an_end",
            ),
        ),
        migrations.AddIndex(
            model_name="giftcode",
            index=models.Index(
                condition=models.Q(("redemption__isnull", True)),
                fields=["item", "id"],
                name="gift_code_free",
            ),
        ),
        migrations.AddIndex(
            model_name="giftcode",
            index=models.Index(
                condition=models.Q(("redemption__isnull", False)),
                fields=["redemption"],
                name="gift_code_taken",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcode",
            constraint=models.UniqueConstraint(fields=("digest",), name="gift_code_is_in_one_pool"),
        ),
        migrations.AddConstraint(
            model_name="giftcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("redemption__isnull", True), ("taken_at__isnull", True)),
                    models.Q(("redemption__isnull", False), ("taken_at__isnull", False)),
                    _connector="OR",
                ),
                name="taken_gift_code_has_a_redemption",
            ),
        ),
        migrations.AddIndex(
            model_name="mallvariant",
            index=models.Index(fields=["item", "position"], name="mall_variant_by_item"),
        ),
        migrations.AddConstraint(
            model_name="mallvariant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("price_points__isnull", True), ("price_points__gte", 1), _connector="OR"
                    ),
                    models.Q(
                        ("price_cents__isnull", True), ("price_cents__gte", 0), _connector="OR"
                    ),
                ),
                name="mall_variant_costs_points",
            ),
        ),
        migrations.AddConstraint(
            model_name="mallvariant",
            constraint=models.CheckConstraint(
                condition=models.Q(("stock__isnull", True), ("stock__gte", 0), _connector="OR"),
                name="mall_variant_stock_is_not_negative",
            ),
        ),
    ]
