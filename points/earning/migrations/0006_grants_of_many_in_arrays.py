"""A batch of a thousand awards is gathered in arrays: a jsonb that grows is copied each time."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql" / "grants.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0005_awards_follow_their_order"),
    ]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
