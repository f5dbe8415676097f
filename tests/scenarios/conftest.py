"""Shops of several places and currencies in test mode, and what one says to them."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.http import Answer, partner_client
from tests.support.merchants import drop_merchant, open_merchant

API = "/api/v1"
PLACES = {
    "shanghai": ("Asia/Shanghai", "CNY"), "york": ("America/New_York", "USD"),
    "berlin": ("Europe/Berlin", "EUR"), "tokyo": ("Asia/Tokyo", "JPY"),
    "kuwait": ("Asia/Kuwait", "KWD"),
}  # fmt: skip


class Shop:
    """A merchant in test mode as an integrator sees it; moments are texts of the shop's wall clock."""

    def __init__(self, merchant, currency: str, zone: str) -> None:
        self.api, self.currency, self.zone = partner_client(merchant), currency, ZoneInfo(zone)
        self.now: datetime | None = None
        self.count = 0

    def at(self, moment: str, **program) -> "Shop":
        """The clock stands there now; no job runs. `program`: settings from now on."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=self.zone)
        body = {"now": self.now.isoformat(), "run_jobs": False}
        self.ok(self.api.post(f"{API}/test-clock", body))
        if program:
            self.ok(self.api.patch(f"{API}/program", program))
        return self

    @staticmethod
    def ok(answer: Answer) -> dict:
        """The body of a good answer."""
        assert answer.status in (200, 201, 202), answer
        return answer.json

    def post(self, path: str, body: dict) -> Answer:
        """Any call; a new Idempotency-Key goes with it."""
        return self.api.post(API + path, body, idem="new")

    def join(self, *names: str) -> None:
        """New members."""
        for name in names:
            self.ok(self.post("/members", {"external_id": name}))

    def points(self, name: str) -> tuple[int, int, int, int]:
        """(available, pending, held, debt)."""
        found = self.ok(self.api.get(f"{API}/members?external_id={name}"))["items"][0]["points"]
        return found["available"], found["pending"], found["held"], found["debt"]

    def lots(self, name: str) -> list[dict]:
        """Open lots."""
        member = self.ok(self.api.get(f"{API}/members?external_id={name}"))["items"][0]["id"]
        return self.ok(self.api.get(f"{API}/members/{member}/lots"))["items"]

    def order(self, member: str, *cents: int, status: str = "completed", **more) -> dict:
        """An order of these lines, told now."""
        self.count += 1
        assert self.now
        body = {
            "external_id": f"O-{self.count}", "member_external_id": member, "create_member": True,
            "currency": self.currency, "placed_at": self.now.isoformat(), "status": status,
            "lines": [
                {"external_id": str(i), "quantity": 1, "amount_cents": c}
                for i, c in enumerate(cents, 1)
            ], **({"completed_at": self.now.isoformat()} if status == "completed" else {}), **more,
        }  # fmt: skip
        return {"told": body, **self.ok(self.post("/orders", body))}

    def refund(self, order: dict, *lines: tuple[str, int], **more) -> dict:
        """A refund of (line, cents), or of `amount_cents`."""
        assert self.now
        body = {
            "external_id": uuid.uuid4().hex, "refunded_at": self.now.isoformat(),
            "amount_cents": sum(c for _, c in lines), **({"lines": [
                {"external_id": n, "quantity": 1, "amount_cents": c} for n, c in lines
            ]} if lines else {}), **more,
        }  # fmt: skip
        return self.ok(self.post(f"/orders/{order['external_id']}/refunds", body))

    def hold(self, member: str, points: int, **more) -> Answer:
        """Set aside."""
        return self.post(
            "/holds", {"member_external_id": member, "points": points, "reference": "r", **more}
        )

    def spend(self, member: str, points: int) -> None:
        """Set aside and captured."""
        held = self.ok(self.hold(member, points))
        self.ok(self.post(f"/holds/{held['id']}/capture", {}))

    def check_in(self, member: str) -> tuple[int, int] | str:
        """(streak, points), or the code of the refusal."""
        answer = self.post("/check-ins", {"member_external_id": member})
        return (
            (answer.json["streak"], answer.json["points"]) if answer.status == 201 else answer.code
        )


@pytest.fixture(scope="session")
def _places(django_db_setup, django_db_blocker) -> Iterator[dict]:
    with django_db_blocker.unblock():
        merchants = {
            name: open_merchant(
                f"golden-{name}", timezone=zone, currency=currency, mode="test", template="blank"
            )
            for name, (zone, currency) in PLACES.items()
        }
        yield merchants
        for merchant in merchants.values():
            drop_merchant(merchant)


@pytest.fixture
def shop_in(_places, db):
    """`shop_in("berlin")`; what is done there is rolled back with its clock."""

    def get(place: str) -> Shop:
        zone, currency = PLACES[place]
        return Shop(_places[place], currency, zone)

    return get
