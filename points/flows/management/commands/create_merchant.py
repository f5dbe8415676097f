"""`manage.py create_merchant SLUG …`: a whole merchant, and one JSON line with its `api_key`."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from kernel.errors import DomainError
from points.channels.actions import create_api_key
from points.flows.industries import TEMPLATES
from tenants import actions, hosts, provisioning
from tenants.context import tenant_context
from tenants.models import Merchant


class Command(BaseCommand):
    help = "Create a merchant with its schema, owner and a full API key."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("slug")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument(
            "--owner-password", help="without it the owner cannot sign in with a password yet"
        )
        parser.add_argument("--name", help="the company's name; the slug when left out")
        parser.add_argument("--template", default="blank", choices=list(TEMPLATES))
        parser.add_argument("--locale", default="zh-hans", choices=["zh-hans", "en"])
        parser.add_argument("--currency", default="CNY")
        parser.add_argument("--timezone", default="Asia/Shanghai")
        parser.add_argument("--mode", default="live", choices=["live", "test"])
        parser.add_argument("--brand-color", default="#1f6feb")
        parser.add_argument("--logo", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        try:
            merchant = self._merchant(options)
        except DomainError as error:
            raise CommandError(str(error)) from None
        with tenant_context(merchant):
            _, key = create_api_key(
                name="Command line", scopes=["*"], at=datetime.now(UTC), actor="cli"
            )
        self.stdout.write(
            json.dumps(
                {
                    "slug": merchant.slug, "id": str(merchant.pk), "mode": merchant.mode,
                    "storefront_url": hosts.storefront_url(merchant.slug), "api_key": key,
                }
            )
        )  # fmt: skip

    def _merchant(self, options: dict[str, Any]) -> Merchant:
        """The merchant, provisioned; one whose making was interrupted is gone on with."""
        merchant = (
            Merchant.objects.filter(slug=options["slug"], owner_email=options["owner_email"])
            .exclude(status=Merchant.Status.READY)
            .first()
        )
        if merchant is None:
            merchant = actions.reserve_merchant(
                slug=options["slug"], name=options["name"] or options["slug"],
                owner_email=options["owner_email"], owner_user_id=self._owner(options).pk,
                template=options["template"], locale=options["locale"],
                currency=options["currency"].upper(), timezone=options["timezone"],
                mode=options["mode"], brand_color=options["brand_color"].lower(),
                logo=options["logo"],
            )  # fmt: skip
        return provisioning.provision(merchant=merchant)

    def _owner(self, options: dict[str, Any]) -> Any:
        users = get_user_model()
        email = options["owner_email"].lower()
        found = users.objects.filter(email=email).first()
        return found or users.objects.create_user(
            email, options["owner_password"], email_verified_at=datetime.now(UTC)
        )


def _check(options: dict[str, Any]) -> None:
    if options["template"] not in TEMPLATES:  # called from code, no parser has looked at it
        raise CommandError(f"--template must be one of {', '.join(TEMPLATES)}.")
    if options["timezone"] not in available_timezones():
        raise CommandError(f"{options['timezone']} is no IANA time zone.")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", options["brand_color"]):
        raise CommandError(f"--brand-color must be like #1f6feb, not {options['brand_color']!r}.")
