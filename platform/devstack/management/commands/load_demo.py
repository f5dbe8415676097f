"""`manage.py load_demo`: the two demo shops. Run again it finishes what is missing."""

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from devstack.demo import (
    cash,
    catalogue,
    coupons,
    dataset,
    habits,
    inviting,
    offers,
    rewards,
    shop_orders,
    story,
)  # fmt: skip
from devstack.demo.shops import GROOVE, PASSWORD, TEA, Shop
from points.orders.models import Order
from tenants import actions, hosts, provisioning
from tenants.context import tenant_context
from tenants.models import Membership, Merchant, Role


class Command(BaseCommand):
    help = "Fill the running stack with two demo shops, one of them with 69,659 real orders."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_SIGN_IN:
            raise CommandError("Demo shops are for the development stack only.")
        now = datetime.now(UTC)
        with connection.cursor() as cursor:
            # A crash may cost the last moments of the story; run again, it goes on from there.
            cursor.execute("set synchronous_commit = off")
        tea = self._open(TEA)
        clerk = self._hire(tea, "clerk@tea.example", "店员小周")
        with tenant_context(tea):
            story.fill_mall(TEA, now)
            story.fill_ladder(TEA, now)
            catalogue.fill_shop(TEA, now)
            offers.open_tasks(TEA, now - timedelta(days=95))
            offers.open_offers(TEA, self._named(TEA), now)
            story.open_tea_house(at=now)
            habits.tell_today(at=now, owner=self._named(TEA), clerk=clerk, slug=TEA.slug)
            shop_orders.tell_shop_orders(TEA, now)
            offers.open_segments(TEA, now)
            coupons.open_coupons(TEA, self._named(TEA), now)
            rewards.open_rewards(TEA, now)
            # Before the commission, which is paid into it now.
            cash.open_cash(at=now, owner=self._named(TEA))
            inviting.open_invitations(at=now)
        with tenant_context(self._open(GROOVE)):
            story.fill_mall(GROOVE, now)
            story.fill_ladder(GROOVE, now)
            catalogue.fill_shop(GROOVE, now)
            offers.open_offers(GROOVE, self._named(GROOVE), now)
            self._replay(now)
            shop_orders.tell_shop_orders(GROOVE, now)
            offers.open_tasks(GROOVE, now)
            offers.open_segments(GROOVE, now)
            coupons.open_coupons(GROOVE, self._named(GROOVE), now)
            rewards.open_rewards(GROOVE, now)
            inviting.open_invitations(at=now)
        Merchant.objects.filter(slug__in=(TEA.slug, GROOVE.slug)).update(mode=Merchant.Mode.LIVE)
        self._say_where()

    def _open(self, shop: Shop) -> Merchant:
        """The merchant, made or gone on with."""
        merchant = Merchant.objects.filter(slug=shop.slug).first()
        if merchant is None:
            merchant = actions.reserve_merchant(
                slug=shop.slug, name=shop.name, owner_email=shop.owner,
                owner_user_id=self._owner(shop).pk, locale=shop.locale, currency=shop.currency,
                timezone=shop.timezone, brand_color=shop.brand_color, logo=shop.logo,
                # Its past is told first; meanwhile no background job may look at today's clock.
                mode=Merchant.Mode.TEST,
            )  # fmt: skip
        return provisioning.provision(merchant=merchant)

    def _named(self, shop: Shop) -> offers.Colleague:
        owner = self._owner(shop)
        return offers.Colleague(actor=f"staff:{owner.pk}", name=owner.name)

    def _owner(self, shop: Shop) -> Any:
        users = get_user_model().objects
        found = users.filter(email=shop.owner).first()
        return found or users.create_user(
            shop.owner, PASSWORD, name="Demo Owner", email_verified_at=datetime.now(UTC)
        )

    def _hire(self, merchant: Merchant, email: str, name: str) -> offers.Colleague:
        """A colleague of the owner, who helps members."""
        users = get_user_model().objects
        user = users.filter(email=email).first() or users.create_user(
            email, PASSWORD, name=name, email_verified_at=datetime.now(UTC)
        )
        Membership.objects.get_or_create(
            merchant=merchant, user=user, defaults={"role": Role.SUPPORT}
        )
        return offers.Colleague(actor=f"staff:{user.pk}", name=name)

    def _replay(self, now: datetime) -> None:
        if Order.objects.count() >= dataset.ORDERS:
            return
        zone = ZoneInfo(GROOVE.timezone)
        quiet = not sys.stderr.isatty() and "JIFEN_PROGRESS" not in os.environ
        with tqdm(total=dataset.ORDERS, unit=" orders", desc=GROOVE.name, disable=quiet) as bar:
            story.live_through(zone=zone, today=now.astimezone(zone).date(), progress=bar.update)

    def _say_where(self) -> None:
        self.stdout.write("\nDemo shops")
        for shop in (GROOVE, TEA):
            address = hosts.storefront_url(shop.slug)
            self.stdout.write(f"  {shop.name}")
            self.stdout.write(f"    storefront  {address}")
            self.stdout.write(f"    console     {address}console/")
            self.stdout.write(f"    sign in     {shop.owner}  {PASSWORD}")
        self.stdout.write(
            "  Both pages have a button that signs you in as a demo member or the owner.\n"
        )
