"""`manage.py migrate_all`: the public schema, then every merchant's. Safe to run again."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from tenants import migrations_fanout


class Command(BaseCommand):
    help = "Migrate the public schema and every merchant's schema; report failures and go on."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        migrations_fanout.migrate_public()
        with tqdm(total=0, unit=" schemas", disable=not sys.stderr.isatty()) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = migrations_fanout.migrate_merchants(progress=show)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))
        else:
            self.stdout.write(f"{report.total} schemas, {report.migrated} migrated.")
        for name, reason in report.failed.items():
            self.stderr.write(f"{name}: {reason}")
        if report.failed:
            sys.exit(1)
