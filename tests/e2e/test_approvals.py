"""A large correction at the console: it waits, a second person approves it, the log knows both."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import DESK, open_page
from tests.e2e.product import Visitor
from tests.e2e.shops import Shop

pytestmark = pytest.mark.e2e
API = "/api/console/v1"


def set_limit(owner: Visitor, points: int | None) -> None:
    body = {"adjustments": {"approval_above_points": points}}
    assert owner.call("PATCH", f"{API}/program", body).status == 200


def test_what_a_key_asks_for_is_approved_by_the_owner(
    red: Shop, new_page: Callable[..., Page]
) -> None:
    owner = red.sign_in_owner()
    set_limit(owner, 900)
    try:
        body = {"member_external_id": "M005", "points": 1_000, "reason": "Moved from the old till"}
        red.partner.post("/api/v1/adjustments", body)
        page = new_page(owner, viewport=DESK)
        open_page(page, f"{red.url}/console/approvals")
        row = page.get_by_role("row").filter(has_text="Moved from the old till")
        expect(row).to_contain_text("+1,000")
        row.get_by_role("button", name="Approve").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Note").fill("Checked with the old till")
        dialog.get_by_role("button", name="Approve +1,000").click()
        expect(page.get_by_text("Approved: +1,000 for")).to_be_visible()
        expect(row).to_be_hidden()
    finally:
        set_limit(owner, None)

    open_page(page, f"{red.url}/console/audit")
    page.get_by_role("combobox", name="Action").click(force=True)
    page.get_by_role("option", name="Adjustments with approval").click()
    line = page.get_by_role("row").filter(has_text="Approved an adjustment")
    expect(line).to_contain_text("Checked with the old till")
    expect(page).to_have_url(f"{red.url}/console/audit?action=adjustment")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    text = download.value.path().read_text("utf-8")
    assert "adjustment.approved" in text and "program.changed" not in text
