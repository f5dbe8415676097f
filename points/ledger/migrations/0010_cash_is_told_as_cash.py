"""Brings the functions to schemas that have older ones: cash has topics of its own, a hold and a return
work on any unit, a return says what it returns, and a merge waits for a wallet that is being opened."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("spending", "grants", "holds", "clawback", "transfers", "merges")
# Told by a whole topic before: what is called by its old shape would otherwise stay beside the new one.
OLD = "drop function if exists ledger_tell(text, uuid, bigint, bigint, text, timestamptz)"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_lots_wait_for_their_order"),
    ]
    operations = [
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(), migrations.RunSQL.noop)
            for name in FILES
        ),
    ]
