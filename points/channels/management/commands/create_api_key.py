"""`manage.py create_api_key SLUG --scopes … `: prints one JSON line with `key`."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kernel.errors import DomainError
from points.channels import actions
from tenants.context import tenant_context
from tenants.models import Merchant


class Command(BaseCommand):
    help = "Make an API key for a merchant; the key is printed once."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("slug")
        parser.add_argument("--scopes", nargs="+", default=["*"], help="e.g. orders:write, or *")
        parser.add_argument("--name", default="Command line")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["slug"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['slug']}.")
        scopes = [part for scope in options["scopes"] for part in scope.split(",")]
        try:
            with tenant_context(merchant):
                row, key = actions.create_api_key(
                    name=options["name"], scopes=scopes, at=datetime.now(UTC), actor="cli"
                )
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            json.dumps({"slug": merchant.slug, "id": str(row.pk), "scopes": scopes, "key": key})
        )
