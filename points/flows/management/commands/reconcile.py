"""`manage.py reconcile [--tenant SLUG]`: exit 0 only when all books are right."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kernel.db import connection
from points.flows.books_checked import check_books
from tenants.context import tenant_context
from tenants.models import Merchant


class Command(BaseCommand):
    help = "Check every invariant of the ledger and of what stands on it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--tenant", help="one merchant's slug; all merchants when left out")
        parser.add_argument("--limit", type=int, default=20, help="rows shown of each check")

    def handle(self, *args: Any, **options: Any) -> None:
        merchants = Merchant.objects.filter(
            status__in=(Merchant.Status.READY, Merchant.Status.SUSPENDED)
        ).order_by("slug")
        if options["tenant"]:
            merchants = merchants.filter(slug=options["tenant"])
            if not merchants:
                raise CommandError(f"There is no merchant {options['tenant']}.")
        broken = sum(self._check(merchant, options["limit"]) for merchant in merchants)
        self.stdout.write(f"{len(merchants)} merchants checked, {broken} findings.")
        if broken:
            sys.exit(1)

    def _check(self, merchant: Merchant, limit: int) -> int:
        with tenant_context(merchant):
            findings = check_books(limit=limit)
        for finding in findings:
            self.stdout.write(
                f"{merchant.slug}: not true that {finding.check}: {finding.row_id} ({finding.detail})"
            )
        connection.set_schema_to_public()
        return len(findings)
