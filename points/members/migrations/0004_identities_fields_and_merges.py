"""Identities by channel, the merchant's own fields, and members who were merged or erased."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_functions_of_one_item"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberField",
            fields=[
                (
                    "id",
                    models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("code", models.TextField()),
                ("name_zh", models.TextField(blank=True)),
                ("name_en", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("whole", "Whole"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("boolean", "Boolean"),
                        ],
                        max_length=7,
                    ),
                ),
                ("choices", models.JSONField(default=list)),
                (
                    "edited_by",
                    models.CharField(
                        choices=[("staff", "Staff"), ("member", "Member")],
                        default="staff",
                        max_length=6,
                    ),
                ),
                ("is_required", models.BooleanField(default=False)),
                ("position", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="MemberIdentity",
            fields=[
                (
                    "id",
                    models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("channel", models.TextField()),
                ("external_id", models.TextField()),
                ("linked_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "member identities",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="custom",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="member",
            name="email_consent_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="merged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="members.member",
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="profile_completed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="member_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="member_is_not_merged_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberfield",
            constraint=models.UniqueConstraint(fields=("code",), name="member_field_code_is_one"),
        ),
        migrations.AddField(
            model_name="memberidentity",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="identities",
                to="members.member",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberidentity",
            constraint=models.UniqueConstraint(
                fields=("external_id", "channel"), name="identity_belongs_to_one_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="memberidentity",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel", "api"), _negated=True),
                name="identity_of_the_api_is_the_external_id",
            ),
        ),
        migrations.RunSQL((SQL / "functions.sql").read_text(), migrations.RunSQL.noop),
    ]
