"""The owner connects another system, and that system hears of an order."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect
from standardwebhooks.webhooks import Webhook

from tests.e2e.pages import DESK, open_page
from tests.e2e.product import Visitor
from tests.e2e.shops import Shop
from tests.e2e.watch import Watch
from tests.webhooks.receiver import receiving


def test_a_webhook_is_made_tried_and_hears_of_an_order(
    red: Shop, owner: Visitor, new_page: Callable[..., Page], watch: Watch
) -> None:
    watch.expect("400")  # an address that is refused
    with receiving() as receiver:
        page = new_page(owner, viewport=DESK)
        open_page(page, f"{red.url}/console/webhooks")
        page.get_by_role("button", name="Add an endpoint").first.click()
        page.get_by_label("URL").fill("https://192.168.0.1/hook")
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Add an endpoint").click()
        expect(dialog.get_by_text("it leads to an address that is not public.")).to_be_visible()
        page.get_by_label("URL").fill(receiver.url)
        page.get_by_label("Note").fill("Till")
        dialog.get_by_role("button", name="Add an endpoint").click()
        secret = page.get_by_role("textbox", name="Signing secret").input_value()
        page.get_by_role("button", name="I have kept it").click()
        expect(page.get_by_role("heading", name="Till", level=1)).to_be_visible()

        page.get_by_role("button", name="Send a test").first.click()
        row = page.get_by_role("row").filter(has_text="webhook.test")
        expect(row.get_by_text("Delivered")).to_be_visible(timeout=15_000)
        tested = receiver.requests[0]
        assert Webhook(secret).verify(tested.body, tested.headers)["type"] == "webhook.test"
        row.get_by_role("button", name="Test event").click()
        expect(page.get_by_role("dialog").get_by_text("HTTP 200").first).to_be_visible()

        _order(red)
        # A new endpoint is known to the quick look from the next sweep on, half a minute at most;
        # what still waited in the outbox when it was made is told as well.
        told: list[Any] = []
        end = time.monotonic() + 45
        while not told and time.monotonic() < end:
            time.sleep(0.2)
            bodies = [json.loads(request.body) for request in list(receiver.requests)]
            told = [one for one in bodies if one["data"].get("reference") == "webhook-1"]
        assert [(one["type"], one["data"]["amount"]) for one in told] == [("points.earned", 12)]
        owner.call(
            "DELETE",
            f"/api/console/v1/webhook-endpoints/{page.url.rpartition('/')[2].split('?')[0]}",
        )


def _order(shop: Shop) -> None:
    now = datetime.now(UTC).isoformat()
    shop.partner.post(
        "/api/v1/orders",
        {
            "external_id": "webhook-1", "member_external_id": "M005", "currency": shop.currency,
            "placed_at": now, "completed_at": now, "status": "completed",
            "lines": [{"external_id": "1", "quantity": 1, "amount_cents": 1_200}],
        },
    )  # fmt: skip
