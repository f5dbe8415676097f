"""Awards follow their order: they wait for its completion, and count no more when all of it came back."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("tasks", "grants")


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0004_events_know_merged_members"),
    ]
    operations = [
        migrations.AddField(
            model_name="award",
            name="counted",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="award",
            name="is_given_back",
            field=models.BooleanField(default=False),
        ),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
            for name in FILES
        ),
    ]
